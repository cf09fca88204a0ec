"""The provenance graph as a picture: a lane for each repo, a column for each commit set, a line for each use.

Lanes lie below what flows into them and columns are in order of time, so every line runs right or down. A line follows
the lane of its source until it drops, in the gap before its target's column, to the commit that was made from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from harness.evidence import refs
from harness.report import wording
from harness.report.routes import Grid, routes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from harness.evidence.facts import Commit, Job
    from harness.evidence.model import Record

MOST_COLUMNS = 60
Kind = Literal["data", "code", "result"]


@dataclass(frozen=True)
class Node:
    """A commit in the picture; ``x`` and ``y`` are its centre."""

    ref: str
    x: int
    y: int
    kind: Kind
    detail: str
    failed: bool


@dataclass(frozen=True)
class Line:
    """A use of one commit by another, as the data of an SVG path."""

    path: str
    kind: Kind


@dataclass(frozen=True)
class Picture:
    """A part of the graph that hangs together.

    ``project`` is the one that all its repos are in, or "". ``lanes`` are names, middles and kinds; ``columns`` events,
    ids and middles. ``hidden`` counts the oldest commit sets that were left out.
    """

    project: str
    width: int
    height: int
    lanes: tuple[tuple[str, int, Kind], ...]
    columns: tuple[tuple[str, str, int], ...]
    nodes: tuple[Node, ...]
    lines: tuple[Line, ...]
    hidden: int


def pictures(record: Record) -> tuple[Picture, ...]:
    """A picture for each part of the graph that hangs together; meta commits, which nobody uses, stay out."""
    shown = [commit for commit in record.commits if refs.parse(commit.ref).type != "meta"]
    results = {version.ref for version in record.pipelines}
    details = _details(record)
    return tuple(_picture(part, results, details) for part in _parts(shown) if len({item.repo for item in part}) > 1)


def kind(commit: Commit, results: set[str]) -> Kind:
    """Whether a commit is data that came from outside, code, or the result of a pipeline."""
    if refs.parse(commit.ref).type == "spec":
        return "code"
    return "result" if commit.repo in results else "data"


def _parts(commits: Sequence[Commit]) -> list[list[Commit]]:
    """The commits, grouped by repos that are joined by provenance."""
    group = {commit.repo: commit.repo for commit in commits}

    def leader(repo: str) -> str:
        while group[repo] != repo:
            repo = group[repo]
        return repo

    for commit in commits:
        for ref in commit.direct_provenance:
            source = ref.rpartition("@")[0]
            if source in group:
                group[leader(source)] = leader(commit.repo)
    parts: dict[str, list[Commit]] = {}
    for commit in commits:
        parts.setdefault(leader(commit.repo), []).append(commit)
    return list(parts.values())


def _picture(part: Sequence[Commit], results: set[str], details: Mapping[str, str]) -> Picture:
    ids = list(dict.fromkeys(commit.id for commit in part))
    hidden = max(0, len(ids) - MOST_COLUMNS)
    shown = [commit for commit in part if commit.id in set(ids[hidden:])]
    lanes = _lanes(shown)
    project, names = _names(lanes)
    places = {id_: place for place, id_ in enumerate(ids[hidden:])}
    grid = Grid({repo: row for row, repo in enumerate(lanes)}, places, tuple(names.values()))
    kinds = {commit.repo: kind(commit, results) for commit in shown}
    return Picture(
        project,
        *grid.size(),
        tuple((names[repo], grid.row(repo), kinds[repo]) for repo in lanes),
        tuple((_event(shown, id_, names, details), wording.short(id_), grid.column(id_)) for id_ in places),
        tuple(
            Node(commit.ref, *grid.at(commit.ref), kinds[commit.repo], details.get(commit.ref, ""), bool(commit.error))
            for commit in shown
        ),
        _lines(grid, shown, kinds),
        hidden,
    )


def _lines(grid: Grid, commits: Sequence[Commit], kinds: Mapping[str, Kind]) -> tuple[Line, ...]:
    taken = {commit.ref for commit in commits}
    return tuple(
        Line(path, kinds[ref.rpartition("@")[0]])
        for commit in commits
        for ref, path in routes(grid, taken, commit.ref, commit.direct_provenance).items()
    )


def _names(repos: Sequence[str]) -> tuple[str, dict[str, str]]:
    """The project that all of ``repos`` are in, or "", and what to call each of them beside it."""
    projects = {repo.partition("/")[0] for repo in repos}
    if len(projects) == 1:
        return projects.pop(), {repo: repo.partition("/")[2] for repo in repos}
    return "", {repo: wording.repo(f"{repo}@-") for repo in repos}


def _lanes(commits: Sequence[Commit]) -> list[str]:
    """The repos, each after everything that flows into it, data before code."""
    inputs: dict[str, set[str]] = {commit.repo: set() for commit in commits}
    for commit in commits:
        sources = {ref.rpartition("@")[0] for ref in commit.direct_provenance}
        inputs[commit.repo] |= sources & inputs.keys()
    used = set().union(*inputs.values())
    ordered: dict[str, None] = {}

    def visit(repo: str, above: frozenset[str]) -> None:
        if repo in ordered or repo in above:
            return
        for source in sorted(inputs[repo], key=lambda name: (name.endswith(".spec"), name)):
            visit(source, above | {repo})
        ordered[repo] = None

    for repo in [*sorted(inputs.keys() - used), *sorted(inputs)]:
        visit(repo, frozenset())
    return list(ordered)


def _event(commits: Iterable[Commit], id_: str, names: Mapping[str, str], details: Mapping[str, str]) -> str:
    """What made a commit set: the repos that somebody committed to, the pipelines that somebody created or updated."""
    made = [commit for commit in commits if commit.id == id_ and commit.origin == "USER"]
    return ", ".join(_deed(names[commit.repo], details.get(commit.ref, "")) for commit in made)


def _deed(repo: str, detail: str) -> str:
    if not repo.endswith(".spec"):
        return f"put {repo}"
    return f"{'create' if detail == 'version 1' else 'update'} {repo.removesuffix('.spec')}"


def _details(record: Record) -> dict[str, str]:
    """The second line of a node: what the commit holds, or how its job went."""
    found = {
        commit.ref: wording.count(len(commit.files), "file")
        for commit in record.commits
        if refs.parse(commit.ref).type == "user"
    }
    found |= {version.spec_commit: f"version {version.version}" for version in record.pipelines}
    for job in record.jobs:
        found[job.output_commit] = _work(job) if job.state == "SUCCESS" else job.state.lower()
    return found


def _work(job: Job) -> str:
    ran = f"{job.processed} ran" if job.processed or not job.skipped else ""
    skipped = f"{job.skipped} skipped" if job.skipped else ""
    return ", ".join(filter(None, (ran, skipped)))
