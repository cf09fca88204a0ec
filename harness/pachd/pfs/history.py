"""Walking over commits in pages, so that no reader holds a snapshot for as long as its client pleases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.pachd.pfs import records

if TYPE_CHECKING:
    import sqlite3

    from harness.pachd.pfs.keys import Repo
    from harness.pachd.pfs.records import CommitRow

PAGE = 100


@dataclass(frozen=True)
class Selection:
    """Which commits: of ``repo`` (None: of all), of one ``origin`` (empty: any), made on ``branch`` (empty: any).

    ``started``: only those that started before that time, or after it where the order is oldest first.
    """

    repo: Repo | None = None
    origin: str = ""
    branch: str = ""
    started: int | None = None


def page(
    conn: sqlite3.Connection,
    selection: Selection,
    last: int | None = None,
    *,
    oldest_first: bool = False,
    count: int = PAGE,
) -> list[CommitRow]:
    """The next commits after number ``last`` (None: the first ones); no commits where there is no such repo."""
    beyond, order = (">", "ASC") if oldest_first else ("<", "DESC")
    wanted = {
        "c.repo = ?": records.find_repo(conn, selection.repo) if selection.repo is not None else None,
        "c.origin = ?": selection.origin or None,
        "c.branch = ?": selection.branch or None,
        f"c.started {beyond} ?": selection.started,
        f"c.pk {beyond} ?": last,
    }
    if selection.repo is not None and wanted["c.repo = ?"] is None:
        return []
    conditions = {condition: value for condition, value in wanted.items() if value is not None}
    where = " AND ".join(conditions) or "TRUE"
    return records.select(conn, f"WHERE {where} ORDER BY c.pk {order} LIMIT ?", [*conditions.values(), count])


def line(
    conn: sqlite3.Connection, start: int | None, until: str = "", origin: str = "", count: int = PAGE
) -> tuple[list[CommitRow], int | None]:
    """A line of parents from commit number ``start`` backwards, to before the commit with the id ``until``.

    At most ``count`` commits of ``origin`` (empty: any), and the number from which the line goes on (None: it ended).
    """
    found: list[CommitRow] = []
    while start is not None and len(found) < count:
        rows = records.select(conn, "WHERE c.pk = ? AND c.id <> ?", (start, until))
        found += [row for row in rows if row.origin == (origin or row.origin)]
        start = rows[0].parent_pk if rows else None
    return found, start
