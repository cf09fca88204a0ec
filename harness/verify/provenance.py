"""Questions about every commit: is its provenance chain whole, unambiguous and possible.

The rules are Pachyderm's own: what ``direct_provenance`` of an AUTO commit must name when branches propagate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.evidence import refs
from harness.verify.verdicts import Problem, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.evidence.facts import Commit
    from harness.verify.graph import Graph


def verdicts(graph: Graph) -> tuple[Verdict, ...]:
    """Every question about provenance, answered for every commit of the record."""
    return tuple(_ask(graph, *question) for question in _QUESTIONS)


def _ask(graph: Graph, name: str, question: str, ask: Callable[[Graph, Commit], Iterator[str]]) -> Verdict:
    found = [
        Problem("broken-provenance", commit.ref, what)
        for commit in graph.commits.values()
        for what in ask(graph, commit)
    ]
    return Verdict(name, question, len(graph.commits), tuple(found))


def _dangling(graph: Graph, commit: Commit) -> Iterator[str]:
    named = [("is made from", ref) for ref in commit.direct_provenance]
    if commit.parent:
        named.append(("has the parent", commit.parent))
    for how, ref in named:
        if ref not in graph.commits:
            yield f"{how} {ref}, which the cluster does not have"


def _rules(graph: Graph, commit: Commit) -> Iterator[str]:
    if commit.origin != "AUTO":
        if commit.direct_provenance and refs.parse(commit.ref).type == "spec":
            yield f"a spec commit made from {', '.join(commit.direct_provenance)}"
        return
    for ref in commit.direct_provenance:
        own = f"{ref.rpartition('@')[0]}@{commit.id}"
        if own != ref and own in graph.commits:
            yield f"is made from {ref}, though the same run has {own}"
    yield from _code(graph, commit)


def _code(graph: Graph, commit: Commit) -> Iterator[str]:
    """Output and meta commits of a pipeline name one version of its own spec, and agree on everything."""
    name = refs.parse(commit.ref)
    pipeline = refs.repo(name.repo, project=name.project)
    if pipeline not in graph.pipelines:
        return
    spec = refs.repo(name.repo, "spec", name.project)
    if len([ref for ref in commit.direct_provenance if ref.startswith(f"{spec}@")]) != 1:
        yield f"must be made from exactly one commit of {spec}, the code that made it"
    meta = graph.commits.get(refs.commit(name.repo, name.id, "meta", name.project))
    if name.type == "user" and meta and set(meta.direct_provenance) != set(commit.direct_provenance):
        yield f"names other inputs than {meta.ref}, the same run's list of datums"


def _ambiguous(_graph: Graph, commit: Commit) -> Iterator[str]:
    repos = [ref.rpartition("@")[0] for ref in commit.direct_provenance]
    for repo in sorted({repo for repo in repos if repos.count(repo) > 1}):
        yield f"names {repos.count(repo)} commits of {repo} as direct inputs"


def _cyclic(graph: Graph, commit: Commit) -> Iterator[str]:
    for ref in commit.direct_provenance:
        if ref == commit.ref or commit.ref in graph.closure(ref):
            yield f"is made from {ref}, which is made from it"


def _untimely(graph: Graph, commit: Commit) -> Iterator[str]:
    if commit.finished is None:
        yield "is not finished: the run was recorded before the cluster was at rest"
        return
    if commit.started and commit.started > commit.finished:
        yield f"finished at {commit.finished}, before it started at {commit.started}"
    for ref in commit.direct_provenance:
        source = graph.commits.get(ref)
        if source and source.finished and source.finished > commit.finished:
            yield f"finished at {commit.finished}, before its input {ref} at {source.finished}"


_QUESTIONS: tuple[tuple[str, str, Callable[[Graph, Commit], Iterator[str]]], ...] = (
    ("chain-complete", "Does every commit that another one names exist?", _dangling),
    ("propagation", "Is every result made from its own run's inputs and one version of its code?", _rules),
    ("unambiguous", "Does every commit name one commit of each input repo?", _ambiguous),
    ("acyclic", "Does no commit go into itself?", _cyclic),
    ("order-in-time", "Were all inputs finished before what was made from them?", _untimely),
)
