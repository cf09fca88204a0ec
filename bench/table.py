"""How measurements are told: medians of several runs, the bar, and what the figure stands beside."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Row:
    """One line of the table. ``samples`` are in ``unit``; ``bar`` is the most that the project allows itself.

    ``beside`` names a peer or a physical limit measured in the same run, with its median, in the same unit.
    """

    what: str
    unit: str
    samples: Sequence[float]
    bar: float
    beside: str = ""

    @property
    def median(self) -> float:
        """The middle of the samples."""
        return statistics.median(self.samples)


def show(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [
        "| what | median | lowest to highest | runs | bar | held | beside, in the same run |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        low, high = min(row.samples), max(row.samples)
        lines.append(
            f"| {row.what} | {row.median:.3g} {row.unit} | {low:.3g} to {high:.3g} | {len(row.samples)} "
            f"| {row.bar:g} {row.unit} | {'yes' if row.median <= row.bar else 'NO'} | {row.beside} |"
        )
    return "\n".join(lines)
