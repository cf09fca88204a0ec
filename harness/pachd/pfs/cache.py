"""Values that clients keep by key, with the file sets that they speak of (Pachyderm's PutCache)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import temporary
from harness.pachd.store.collecting import GARBAGE

if TYPE_CHECKING:
    import sqlite3

    from harness.pachd.pfs.txn import Txn

MOST_ENTRIES = 10_000  # as in Pachyderm 2.7; the oldest go


def put(txn: Txn, key: str, value: bytes, tag: str, file_sets: list[str]) -> None:
    """Keep ``value``, and the ``file_sets`` alive as long as it is there. Raises FILE_SET_NOT_FOUND."""
    conn = txn.conn
    for id_ in file_sets:
        temporary.get(conn, id_, txn.now)
    conn.execute("DELETE FROM cache WHERE key = ?", (key,))
    number = conn.execute("INSERT INTO cache (key, value, tag) VALUES (?, ?, ?)", (key, value, tag)).lastrowid
    conn.executemany(
        "INSERT INTO cache_file_sets (entry, file_set) VALUES (?, ?)", [(number, id_) for id_ in set(file_sets)]
    )
    conn.execute(
        "DELETE FROM cache WHERE pk IN (SELECT pk FROM cache ORDER BY pk DESC LIMIT -1 OFFSET ?)", (MOST_ENTRIES,)
    )


def get(conn: sqlite3.Connection, key: str) -> bytes:
    """The value of ``key``; raises CACHE_KEY_NOT_FOUND."""
    row = conn.execute("SELECT value FROM cache WHERE key = ?", (key,)).fetchone()
    if row is None:
        raise errors.CACHE_KEY_NOT_FOUND(key=key)
    return bytes(row["value"])


def clear(txn: Txn, tag_prefix: str) -> None:
    """Forget the entries whose tags begin with ``tag_prefix``."""
    txn.conn.execute("DELETE FROM cache WHERE substr(tag, 1, ?) = ?", (len(tag_prefix), tag_prefix))
    txn.publish(GARBAGE)
