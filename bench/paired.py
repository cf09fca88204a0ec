"""Measuring a thing and its yardstick in turns, so that a busy moment of the machine strikes both."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class Pairs:
    """Seconds of ours and of the yardstick, run by run."""

    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)

    @property
    def of_rate(self) -> list[float]:
        """Our rate as a part of the yardstick's, run by run."""
        return [theirs / ours for ours, theirs in zip(self.ours, self.theirs, strict=True)]

    @property
    def of_time(self) -> list[float]:
        """Our time as a multiple of the yardstick's, run by run."""
        return [ours / theirs for ours, theirs in zip(self.ours, self.theirs, strict=True)]

    def told(self, name: str, amount: float, unit: str) -> str:
        """Both medians as rates: ``amount`` in ``unit`` a second."""
        ours, theirs = (amount / statistics.median(side) for side in (self.ours, self.theirs))
        return f"{ours:,.0f} {unit}/s, {name} {theirs:,.0f} {unit}/s"

    def told_times(self, name: str, unit: str = "s", scale: float = 1) -> str:
        """Both medians as times."""
        ours, theirs = (statistics.median(side) * scale for side in (self.ours, self.theirs))
        return f"{ours:.3g} {unit}, {name} {theirs:.3g} {unit}"


def pairs(runs: int, ours: Callable[[int], float], theirs: Callable[[int], float]) -> Pairs:
    """``runs`` pairs after one that does not count; each function takes the run's number and gives seconds."""
    measured = Pairs()
    for run in range(runs + 1):
        both = ours(run), theirs(run)
        if run:
            measured.ours.append(both[0])
            measured.theirs.append(both[1])
    return measured
