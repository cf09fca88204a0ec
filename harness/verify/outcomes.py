"""Questions about the record as a whole: is it untouched, and does it hold what the scenarios put."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.evidence import seal
from harness.evidence.model import CLUSTER
from harness.verify.verdicts import Problem, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

    from harness.evidence.model import Record
    from harness.evidence.story import Put
    from harness.verify.graph import Graph


def verdicts(record: Record, graph: Graph) -> tuple[Verdict, ...]:
    """The questions about the record as a whole, and about the bytes that scenarios put."""
    partial = {omission.where for omission in record.omissions}
    # Of a cluster that could not be asked nothing is known about any of its files: `complete` says so, once.
    puts = [] if CLUSTER in partial else [put for chapter in record.chapters for put in chapter.puts]
    lost = tuple(problem for put in puts for problem in _lost(graph, put, partial))
    return (
        _untouched(record),
        _complete(record),
        Verdict("inputs-kept", "Does the cluster hold the bytes that were put?", len(puts), lost),
    )


def _untouched(record: Record) -> Verdict:
    question = "Does the record still say what it said when it was made?"
    if seal.is_intact(record):
        return Verdict("untouched", question, 1)
    what = f"its content has the hash {seal.digest(record)}, its seal says {record.hash or 'nothing'}"
    return Verdict("untouched", question, 1, (Problem("tampered", "record", what),))


def _complete(record: Record) -> Verdict:
    """A cluster that could not be asked proves nothing; what a record counts without holding it is no failure."""
    unasked = tuple(
        Problem("unverifiable", item.where, item.reason) for item in record.omissions if item.where == CLUSTER
    )
    return Verdict("complete", "Could the whole cluster be asked?", 1, unasked)


def _lost(graph: Graph, put: Put, partial: Set[str]) -> Iterator[Problem]:
    commit = graph.commits.get(put.commit)
    if commit is None:
        yield Problem("missing", put.commit, f"the commit that {put.path} was put into is not there")
        return
    found = [file for file in commit.files if file.path == put.path]
    if not found and put.commit in partial:
        yield Problem("unverifiable", put.commit, f"{put.path} is not among the files that were listed")
    elif not found:
        yield Problem("missing", put.commit, f"{put.path} was put and is not there")
    for file in found:
        if file.sha256 is None:
            yield Problem("unverifiable", put.commit, f"{put.path} was too large to be fetched")
        elif file.sha256 != put.sha256:
            what = f"{put.path} holds bytes of sha256 {file.sha256}, not {put.sha256} as put"
            yield Problem("tampered", put.commit, what)
