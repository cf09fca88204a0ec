"""The provenance graph of a record: commits, joined by ``direct_provenance``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.evidence import refs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.evidence.facts import Commit, PipelineVersion
    from harness.evidence.model import Record


@dataclass(frozen=True)
class Explanation:
    """Which data, which code and which intermediate results (such as a model) made a commit.

    ``data`` are the commits that no pipeline made, ``results`` those that pipelines made on the way, ``code`` the
    pipeline versions with their spec commits. ``missing`` names commits that the record should have and has not.
    """

    commit: Commit
    data: tuple[Commit, ...]
    results: tuple[Commit, ...]
    code: tuple[PipelineVersion, ...]
    missing: tuple[str, ...]


class Graph:
    """Answers the questions of a record's provenance. Commits are named as in :mod:`harness.evidence.refs`."""

    def __init__(self, record: Record) -> None:
        self.commits = {commit.ref: commit for commit in record.commits}
        self.pipelines = {version.ref for version in record.pipelines}
        self._versions = {version.spec_commit: version for version in record.pipelines}
        self._inputs: dict[str, Sequence[str]] = {ref: item.direct_provenance for ref, item in self.commits.items()}
        self._outputs: dict[str, list[str]] = {}
        for ref, inputs in self._inputs.items():
            for entry in inputs:
                self._outputs.setdefault(entry, []).append(ref)

    def closure(self, ref: str) -> tuple[str, ...]:
        """Every commit that went into ``ref``, directly or through others, nearest first; dangling names included."""
        return _reachable(ref, self._inputs)

    def impact(self, ref: str) -> tuple[str, ...]:
        """Every commit that ``ref`` went into, directly or through others, nearest first."""
        return _reachable(ref, self._outputs)

    def explain(self, ref: str) -> Explanation:
        """What made the commit ``ref``. Raises KeyError where the record does not have it."""
        found = self.closure(ref)
        known = [self.commits[name] for name in found if name in self.commits]
        users = [commit for commit in known if refs.parse(commit.ref).type == "user"]
        return Explanation(
            self.commits[ref],
            tuple(commit for commit in users if commit.repo not in self.pipelines),
            tuple(commit for commit in users if commit.repo in self.pipelines),
            tuple(self._versions[name] for name in found if name in self._versions),
            tuple(name for name in found if name not in self.commits),
        )

    def results(self) -> tuple[Commit, ...]:
        """The output commits of pipelines, oldest first."""
        return tuple(commit for commit in self.commits.values() if commit.repo in self.pipelines)


def _reachable(start: str, edges: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    seen: dict[str, None] = {}
    layer = [start]
    while layer:
        layer = [name for ref in layer for name in edges.get(ref, ()) if name not in seen and name != start]
        layer = list(dict.fromkeys(layer))
        seen.update(dict.fromkeys(layer))
    return tuple(seen)
