"""How measurements are told: medians of several runs, the bar, and what the figure stands beside."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Row:
    """One line of the table. ``samples`` are in ``unit`` (empty for ratios).

    ``bar`` is the most that the project allows itself, or with ``at_least`` the least. ``beside`` names a peer or a
    physical limit measured in the same run, with its median. No samples: it was not measured, ``beside`` says why.
    """

    what: str
    unit: str
    samples: Sequence[float]
    bar: float
    beside: str = ""
    at_least: bool = False

    @property
    def median(self) -> float:
        """The middle of the samples."""
        return statistics.median(self.samples)

    @property
    def held(self) -> bool:
        """Whether the median is on the right side of the bar."""
        return self.median >= self.bar if self.at_least else self.median <= self.bar


HEAD = (
    "| what | median | lowest to highest | runs | bar | held | beside, in the same run |\n|---|---|---|---|---|---|---|"
)


def line(row: Row) -> str:
    """The row in a Markdown table."""
    bar = f"{'≥' if row.at_least else '≤'} {row.bar:g} {row.unit}".rstrip()
    if not row.samples:
        return f"| {row.what} | - | - | 0 | {bar} | not measured | {row.beside} |"
    median = f"{row.median:.3g} {row.unit}".rstrip()
    spread = f"{min(row.samples):.3g} to {max(row.samples):.3g}"
    held = "yes" if row.held else "NO"
    return f"| {row.what} | {median} | {spread} | {len(row.samples)} | {bar} | {held} | {row.beside} |"
