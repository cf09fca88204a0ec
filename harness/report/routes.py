"""Where things stand in the picture of the graph, and how lines run between them. All lengths are pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence, Set

HEADER = 54
COLUMN = 132
WIDEST = 210
PAGE = 1196
ROW = 58
WIDTH = 98
HEIGHT = 38
MARGIN = 12
CURVE = 9
_ARROW = 4
_APART = 5
_LETTER = 7.6


@dataclass(frozen=True)
class Grid:
    """Rows by repo and columns by commit set id; ``names`` are written before the rows."""

    rows: Mapping[str, int]
    columns: Mapping[str, int]
    names: Sequence[str] = ()

    @property
    def labels(self) -> int:
        """The width of the lanes' names."""
        return round(max(map(len, self.names), default=0) * _LETTER) + 2 * MARGIN

    @property
    def pitch(self) -> int:
        """From one column to the next: wider where few columns would leave the page half empty."""
        room = (PAGE - self.labels - MARGIN) // max(1, len(self.columns))
        return max(COLUMN, min(room, WIDEST))

    def row(self, repo: str) -> int:
        """The middle of a repo's lane."""
        return HEADER + self.rows[repo] * ROW + ROW // 2

    def column(self, id_: str) -> int:
        """The middle of a commit set's column."""
        return self.labels + self.columns[id_] * self.pitch + self.pitch // 2

    def at(self, ref: str) -> tuple[int, int]:
        """The centre of a commit."""
        repo, _, id_ = ref.rpartition("@")
        return self.column(id_), self.row(repo)

    def size(self) -> tuple[int, int]:
        """Width and height of the whole."""
        return self.labels + len(self.columns) * self.pitch + MARGIN, HEADER + len(self.rows) * ROW + MARGIN


def routes(grid: Grid, taken: Set[str], target: str, sources: Iterable[str]) -> dict[str, str]:
    """The SVG paths to a commit from those it is made from, by source; ``taken`` names all commits in the picture.

    Lines from higher lanes drop nearer to the target, so that those from lower lanes end before they would be crossed.
    """
    ordered = sorted((source for source in sources if source in taken), key=lambda ref: grid.at(ref)[::-1])
    return {source: _route(grid, taken, source, target, place * _APART) for place, source in enumerate(ordered)}


def _route(grid: Grid, taken: Set[str], source: str, target: str, away: int) -> str:
    if grid.at(source)[0] == grid.at(target)[0]:
        return _down(grid, taken, source, target)
    return _along(grid, source, target, away)


def _down(grid: Grid, taken: Set[str], source: str, target: str) -> str:
    """Within one column: straight down, or around the right of commits that stand between."""
    (x, start), (_, end) = grid.at(source), grid.at(target)
    step = 1 if end > start else -1
    id_ = target.rpartition("@")[2]
    between = (f"{repo}@{id_}" for repo, row in grid.rows.items() if row * step in _span(grid, source, target, step))
    if not any(ref in taken for ref in between):
        return f"M{x} {start + step * HEIGHT // 2}V{end - step * (HEIGHT // 2 + _ARROW)}"
    side, out = x + WIDTH // 2, x + WIDTH // 2 + 2 * CURVE
    return (
        f"M{side} {start}H{out - CURVE}Q{out} {start} {out} {start + step * CURVE}V{end - step * CURVE}"
        f"Q{out} {end} {out - CURVE} {end}H{side + _ARROW}"
    )


def _span(grid: Grid, source: str, target: str, step: int) -> range:
    first, last = (grid.rows[ref.rpartition("@")[0]] * step for ref in (source, target))
    return range(first + 1, last)


def _along(grid: Grid, source: str, target: str, away: int) -> str:
    """Between columns: along the source's lane, then down or up in the gap before the target's column."""
    (left, start), (right, end) = grid.at(source), grid.at(target)
    step = 1 if right > left else -1
    begin, stop = left + step * WIDTH // 2, right - step * (WIDTH // 2 + _ARROW)
    if start == end:
        return f"M{begin} {start}H{stop}"
    drop = right - step * (WIDTH // 2 + CURVE + 2 * _ARROW + away)
    turn = CURVE if end > start else -CURVE
    return (
        f"M{begin} {start}H{drop - step * CURVE}Q{drop} {start} {drop} {start + turn}V{end - turn}"
        f"Q{drop} {end} {drop + step * CURVE} {end}H{stop}"
    )
