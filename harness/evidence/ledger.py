"""The run's own ledger: what the scenarios say they put in, what they expected and what they found.

Kept apart from what the cluster says, so that the two can be compared. Safe for use from several threads.
"""

from __future__ import annotations

import threading
from typing import Any

from harness.evidence import refs
from harness.evidence.story import Chapter, Check, Comparison, Outcome, Put
from harness.evidence.values import as_json


class CheckFailedError(AssertionError):
    """A check did not hold. The text says which, what was expected and what was found."""


class ChapterLedger:
    """The ledger of one scenario test; scenarios know it as the fixture ``checks``."""

    def __init__(self, nodeid: str, title: str, docstring: str = "", part: str = "") -> None:
        self._lock = threading.Lock()
        self._nodeid, self._title, self._docstring, self._part = nodeid, title, docstring, part
        self._outcome: Outcome = "skipped"
        self._duration = 0.0
        self._error = ""
        self._checks: list[Check] = []
        self._notes: list[str] = []
        self._puts: list[Put] = []
        self._comparisons: list[Comparison] = []

    def check(self, name: str, actual: Any, expected: Any, explanation: str = "") -> bool:
        """Record whether ``actual`` equals ``expected``, and say so."""
        check = Check(name, bool(actual == expected), as_json(expected), as_json(actual), explanation)
        with self._lock:
            self._checks.append(check)
        return check.passed

    def equal(self, name: str, actual: Any, expected: Any, explanation: str = "") -> None:
        """Record the check, and raise :class:`CheckFailedError` unless ``actual`` equals ``expected``."""
        if not self.check(name, actual, expected, explanation):
            because = f"\n  {explanation}" if explanation else ""
            raise CheckFailedError(f"{name}\n  expected: {expected!r}\n  actual:   {actual!r}{because}")

    def true(self, name: str, condition: object, explanation: str = "") -> None:
        """Record the check, and raise :class:`CheckFailedError` unless ``condition`` is true."""
        self.equal(name, bool(condition), True, explanation)

    def note(self, text: str) -> None:
        """Leave a sentence for the reader of the report."""
        with self._lock:
            self._notes.append(text)

    def put(self, repo: str, commit: str, path: str, sha256: str, project: str = refs.DEFAULT_PROJECT) -> None:
        """Say that commit ``commit`` (an id) of user repo ``repo`` must hold bytes of this sha256 (hex) at ``path``."""
        put = Put(refs.commit(repo, commit, project=project), "/" + path.lstrip("/"), sha256)
        with self._lock:
            self._puts.append(put)

    def compare(self, title: str, repo: str, before: str, after: str, project: str = refs.DEFAULT_PROJECT) -> None:
        """Show the predictions in two commits (ids) of ``repo`` side by side in the report."""
        first, second = (refs.commit(repo, id_, project=project) for id_ in (before, after))
        with self._lock:
            self._comparisons.append(Comparison(title, first, second))

    def close(self, outcome: Outcome, duration: float, error: str = "") -> None:
        """Say how the test ended: its outcome, its duration in seconds, the failure's text if it failed."""
        with self._lock:
            self._outcome, self._duration, self._error = outcome, duration, error

    def written(self) -> Chapter:
        """The chapter as it stands; a chapter that was never closed counts as skipped."""
        with self._lock:
            return Chapter(
                self._nodeid,
                self._title,
                self._docstring,
                self._outcome,
                self._duration,
                tuple(self._checks),
                tuple(self._notes),
                tuple(self._puts),
                tuple(self._comparisons),
                self._error,
                self._part,
            )


class Ledger:
    """All chapters of a run, in the order in which they were opened."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._chapters: dict[str, ChapterLedger] = {}

    def chapter(self, nodeid: str, title: str = "", docstring: str = "", part: str = "") -> ChapterLedger:
        """The chapter of the test ``nodeid``, opened at its first mention; the texts count then.

        ``part`` is the docstring of the file that the test stands in: the report shows tests by their files.
        """
        with self._lock:
            if nodeid not in self._chapters:
                self._chapters[nodeid] = ChapterLedger(nodeid, title or nodeid, docstring, part)
            return self._chapters[nodeid]

    def written(self) -> tuple[Chapter, ...]:
        """Every chapter as it stands."""
        with self._lock:
            chapters = list(self._chapters.values())
        return tuple(chapter.written() for chapter in chapters)
