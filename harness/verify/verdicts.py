"""What judging evidence says: verdicts with the problems behind them. A bare "differs" does not exist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["broken-provenance", "tampered", "missing", "stale", "unverifiable"]
State = Literal["passed", "warned", "failed"]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: of which kind, where (a commit, job or file of the record), and what exactly."""

    kind: Kind
    where: str
    what: str


@dataclass(frozen=True)
class Verdict:
    """The answer to one question about a record. ``examined`` counts the things that were looked at."""

    name: str
    question: str
    examined: int
    problems: tuple[Problem, ...] = ()

    @property
    def state(self) -> State:
        """Stale results alone are a warning: Pachyderm makes them by design, and a reader has to know them."""
        if not self.problems:
            return "passed"
        return "warned" if all(problem.kind == "stale" for problem in self.problems) else "failed"
