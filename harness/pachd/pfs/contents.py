"""Which content a reader sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import commits, records, waits
from harness.pachd.pfs.resolve import Reference, resolve

if TYPE_CHECKING:
    import sqlite3

    from harness.pachd.pfs.records import CommitRow
    from harness.pachd.pfs.version_store import VersionStore
    from harness.pachd.pfs.waits import OnEnd


def readable(store: VersionStore, reference: Reference, on_end: OnEnd) -> tuple[CommitRow, bytes]:
    """The commit that ``reference`` means and the root of its content at this moment.

    Waits while the commit is finishing. Raises what resolving raises, and BASE_UNFINISHED for an open commit whose
    parent is not finished.
    """
    with store.snapshot() as conn:
        row = resolve(conn, reference.repo, reference.branch, reference.id)
        if row.finishing is None or row.finished is not None:
            return row, open_root(conn, row)
    waits.until(store, row.key, waits.State.FINISHED, on_end)
    with store.snapshot() as conn:
        row = records.get(conn, row.key)
        return row, open_root(conn, row)


def open_root(conn: sqlite3.Connection, row: CommitRow) -> bytes:
    """The root of what can be read in ``row`` now; raises BASE_UNFINISHED."""
    if row.finished is None and row.parent_pk is not None and records.at(conn, row.parent_pk).finished is None:
        raise errors.BASE_UNFINISHED(base=row.parent, commit=row.key)
    return commits.content(conn, row)
