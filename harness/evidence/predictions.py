"""What the workshop's model said about each review, read from the contents of output files.

neon's ``auto_inference.py`` writes one line a review: ``Pred - [[ 0.96319997  0.03679999]]``. Column 0 is the
probability of a negative review, column 1 of a positive one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.evidence.model import Prediction, PredictionTable
from harness.evidence.story import Comparison

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.evidence.facts import Commit
    from harness.evidence.story import Chapter

_NUMBER = r"[+-]?\d*\.?\d+(?:[eE][+-]?\d+)?|[+-]?\d+\.(?:[eE][+-]?\d+)?"
_LINE = re.compile(rf"\s*Pred - \[\[\s*({_NUMBER})\s+({_NUMBER})\s*\]\]\s*")

Values = tuple[float, ...]


def parse(text: str) -> Values | None:
    """(P(negative), P(positive)) from the content of a prediction file; None if it is not one."""
    match = _LINE.fullmatch(text)
    return (float(match[1]), float(match[2])) if match else None


def of(commit: Commit) -> dict[str, Values]:
    """The predictions among a commit's files, by review: the file's path without its leading slash."""
    parsed = ((file.path.lstrip("/"), parse(file.text)) for file in commit.files if file.text is not None)
    return {review: values for review, values in parsed if values is not None}


def tables(commits: Sequence[Commit], chapters: Iterable[Chapter]) -> tuple[PredictionTable, ...]:
    """A table for each comparison that chapters asked for; for other repos with predictions, first against last."""
    known = {commit.ref: commit for commit in commits}
    asked = [(chapter.nodeid, comparison) for chapter in chapters for comparison in chapter.comparisons]
    covered = {known[comparison.after].repo for _, comparison in asked if comparison.after in known}
    asked += [("", comparison) for comparison in _unasked(commits, covered)]
    return tuple(_table(known, nodeid, comparison) for nodeid, comparison in asked)


def _unasked(commits: Sequence[Commit], covered: set[str]) -> Iterable[Comparison]:
    by_repo: dict[str, list[Commit]] = {}
    for commit in commits:
        if commit.repo not in covered and not commit.error and of(commit):
            by_repo.setdefault(commit.repo, []).append(commit)
    for repo, found in sorted(by_repo.items()):
        ordered = sorted(found, key=lambda commit: commit.started or "")
        if len(ordered) > 1:
            yield Comparison(f"{repo.partition('/')[2]}: first and last", ordered[0].ref, ordered[-1].ref)


def _table(known: dict[str, Commit], nodeid: str, comparison: Comparison) -> PredictionTable:
    before, after = (of(known[ref]) if ref in known else {} for ref in (comparison.before, comparison.after))
    rows = tuple(Prediction(review, before.get(review), after.get(review)) for review in _ordered({*before, *after}))
    return PredictionTable(nodeid, comparison.title, comparison.before, comparison.after, rows)


def _ordered(reviews: set[str]) -> list[str]:
    """``2.txt`` before ``10.txt``."""
    return sorted(reviews, key=lambda review: ([int(number) for number in re.findall(r"\d+", review)], review))
