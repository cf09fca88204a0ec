"""What a record comes to: the numbers on top of the page and in its JSON twin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from harness.evidence import refs
from harness.report import wording
from harness.verify import judge
from harness.verify.graph import Explanation, Graph

if TYPE_CHECKING:
    from harness.evidence.facts import Commit
    from harness.evidence.model import Record
    from harness.verify.verdicts import Verdict

Outcome = Literal["passed", "warned", "failed"]


@dataclass(frozen=True)
class Summary:
    """A judged record. A chapter fails as its test does, also without a failed check; a skipped one says nothing."""

    record: Record
    verdicts: tuple[Verdict, ...]
    explanations: tuple[Explanation, ...]
    checks: int
    failed_checks: int
    chapters: dict[str, int]

    @property
    def outcome(self) -> Outcome:
        """``failed`` if anything failed, else ``warned`` if a verdict warns, else ``passed``."""
        states = {verdict.state for verdict in self.verdicts}
        if self.failed_checks or self.chapters["failed"] or "failed" in states:
            return "failed"
        return "warned" if "warned" in states else "passed"

    @property
    def headline(self) -> str:
        """The outcome in one sentence."""
        failed_verdicts = sum(verdict.state == "failed" for verdict in self.verdicts)
        failures = [
            wording.count(number, noun)
            for number, noun in (
                (self.chapters["failed"], "scenario"),
                (self.failed_checks, "check"),
                (failed_verdicts, "verdict"),
            )
            if number
        ]
        if failures:
            return f"Failed: {', '.join(failures)}"
        held = f"All {wording.count(self.checks, 'check')} passed" if self.checks else "The evidence holds"
        return f"{held}, but some results are stale" if self.outcome == "warned" else held


def summarise(record: Record) -> Summary:
    """Judge a record and count."""
    checks = [check for chapter in record.chapters for check in chapter.checks]
    graph = Graph(record)
    outcomes = [chapter.outcome for chapter in record.chapters]
    return Summary(
        record,
        judge(record),
        tuple(graph.explain(commit.ref) for commit in sorted(graph.results(), key=_project)),
        len(checks),
        sum(not check.passed for check in checks),
        {outcome: outcomes.count(outcome) for outcome in ("passed", "failed", "skipped")},
    )


def _project(commit: Commit) -> tuple[bool, str]:
    """Results are told project by project, the default project's first, and in each in the order of time."""
    project = commit.repo.partition("/")[0]
    return project != refs.DEFAULT_PROJECT, project
