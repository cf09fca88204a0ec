"""Which content a reader sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import commits, records, roots, temporary, waits
from harness.pachd.pfs.names import RESERVED_REPO
from harness.pachd.pfs.resolve import Reference, resolve

if TYPE_CHECKING:
    import sqlite3

    from harness.pachd.pfs.records import CommitRow
    from harness.pachd.pfs.txn import Txn
    from harness.pachd.pfs.version_store import VersionStore
    from harness.pachd.pfs.waits import OnEnd


def readable(store: VersionStore, reference: Reference, on_end: OnEnd) -> tuple[CommitRow, bytes]:
    """The commit that ``reference`` means and the root of its content at this moment.

    In the repo ``__filesets__`` an id names a file set that a client made. The content stays readable for as long as
    the returned row lives, also when the commit is deleted. Waits while the commit is finishing. Raises what resolving
    raises, and BASE_UNFINISHED where what the commit builds on is open.
    """
    with store.snapshot() as conn:
        if reference.repo.name == RESERVED_REPO:
            return _held(store, *_file_set(conn, reference.id, store.now()))
        row = resolve(conn, reference.repo, reference.branch, reference.id)
        if row.finishing is None or row.finished is not None:
            return _held(store, row, open_root(conn, row))
    waits.until(store, row.key, waits.State.FINISHED, on_end)
    with store.snapshot() as conn:
        row = records.get(conn, row.key)
        return _held(store, row, open_root(conn, row))


def keep(txn: Txn, row: CommitRow) -> str:
    """A new file set with what is in a readable commit now; its id."""
    if row.key.repo.name == RESERVED_REPO:
        return temporary.snapshot(txn, _file_set(txn.conn, row.key.id, txn.now)[1])
    return temporary.snapshot(txn, open_root(txn.conn, records.get(txn.conn, row.key)))


def open_root(conn: sqlite3.Connection, row: CommitRow) -> bytes:
    """The root of what can be read in ``row`` now; raises BASE_UNFINISHED."""
    if not roots.is_settled(conn, row.parent_pk):
        base = row
        while base.parent_pk is not None and (base is row or base.finished is not None):
            base = records.at(conn, base.parent_pk)
        raise errors.BASE_UNFINISHED(base=base.key, commit=row.key)
    return commits.content(conn, row)


def _file_set(conn: sqlite3.Connection, id_: str, now: int) -> tuple[CommitRow, bytes]:
    file_set = temporary.get(conn, id_, now)
    return file_set.commit, file_set.content


def _held(store: VersionStore, row: CommitRow, root: bytes) -> tuple[CommitRow, bytes]:
    store.files.hold(row, root)
    return row, root
