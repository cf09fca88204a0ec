"""The datums of a good job, skipped ones included: what the next job skips by.

Each set is a version of a persistent map from datum id to datum hash, so that a job of a thousand skipped datums and
one new one stores little more than the new one. The place of a value's size holds the number of the datum's record.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from harness.pachd.pps import jobs, results
from harness.pachd.pps.states import DatumState
from harness.pachd.store.nodes import hash_of, size_of, value
from harness.pachd.store.trees import EMPTY, Trees

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from harness.pachd.pfs.txn import Txn
    from harness.pachd.pps.keys import Job
    from harness.pachd.store.database import Database
    from harness.pachd.store.pins import Pins

# Equals no datum's hash: a recovered datum is executed again, whatever its inputs are.
_NEVER = bytes(32)

_KEPT_BYTES = 4 * 2**20  # sets are read from end to end, so little is gained by remembering

_PORTION = 10_000  # datums that are in memory at a time


def roots(conn: sqlite3.Connection) -> Iterator[bytes]:
    """The root of every set."""
    return (root for (root,) in conn.execute("SELECT DISTINCT root FROM datum_sets"))


class DatumSets:
    """All sets of all jobs."""

    def __init__(self, db: Database, pins: Pins) -> None:
        self._trees = Trees(db, pins, _KEPT_BYTES)

    def hashes(self, conn: sqlite3.Connection, job: Job | None) -> Iterator[tuple[bytes, bytes]]:
        """The id and the hash of each datum in the set of ``job``, in order of the ids; empty for None.

        The set stays for as long as the iterator lives.
        """
        return iter(_Held(self._trees, self._root(conn, job)))

    def records(self, conn: sqlite3.Connection, job: Job, after: str) -> Iterator[results.Record]:
        """The records of the datums in the set of ``job`` behind ``after``, by datum id.

        Those that were skipped have other jobs' ids.
        """
        for key, found in self._trees.scan(self._root(conn, job), _key(after) or b""):
            record = results.numbered(conn, size_of(found)) if key.hex() > after else None
            if record is not None:
                yield record

    def record(self, conn: sqlite3.Connection, job: Job, datum: str) -> results.Record | None:
        """The record of one datum in the set of ``job``."""
        key = _key(datum)
        found = self._trees.get(self._root(conn, job), key) if key is not None else None
        return results.numbered(conn, size_of(found)) if found is not None else None

    def keep(self, txn: Txn, job: Job, base: Job | None, gone: Iterable[str]) -> None:
        """Store the set of ``job``: that of ``base`` without ``gone``, with what ``job`` executed."""
        root = self._root(txn.conn, base)
        deleted = ((bytes.fromhex(datum), None) for datum in gone)
        for points in _portions(itertools.chain(deleted, _executed(txn.conn, job))):
            root = self._trees.edit(txn.conn, root, points)
        txn.conn.execute("INSERT OR REPLACE INTO datum_sets VALUES (?, ?, ?, ?)", (*jobs.key(job), root))

    def _root(self, conn: sqlite3.Connection, job: Job | None) -> bytes:
        if job is None:
            return EMPTY
        query = "SELECT root FROM datum_sets WHERE project = ? AND pipeline = ? AND job = ?"
        row = conn.execute(query, jobs.key(job)).fetchone()
        return bytes(row["root"]) if row is not None else EMPTY


class _Held:
    """A set that stays stored while it is read."""

    def __init__(self, trees: Trees, root: bytes) -> None:
        """Inside the snapshot that ``root`` was read from."""
        trees.hold(self, root)
        self._trees = trees
        self._root = root

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        for key, found in self._trees.scan(self._root):
            yield key, hash_of(found)


def _executed(conn: sqlite3.Connection, job: Job) -> Iterator[tuple[bytes, bytes]]:
    for ended in results.ends(conn, job):
        hash_ = bytes.fromhex(ended.hash) if ended.state is DatumState.SUCCESS else _NEVER
        yield bytes.fromhex(ended.datum), value(hash_, ended.number)


def _portions(points: Iterator[tuple[bytes, bytes | None]]) -> Iterator[dict[bytes, bytes | None]]:
    while portion := dict(itertools.islice(points, _PORTION)):
        yield portion


def _key(datum: str) -> bytes | None:
    """The map's key of a datum id; None: this is none."""
    try:
        return bytes.fromhex(datum)
    except ValueError:
        return None
