"""The datums of a good job, skipped ones included: what the next job skips by.

Each set is a version of a persistent map from datum id to datum hash, so that a job of a thousand skipped datums and
one new one stores little more than the new one. The place of a value's size holds the number of the datum's record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.pps import results
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


def roots(conn: sqlite3.Connection) -> Iterator[bytes]:
    """The root of every set."""
    return (root for (root,) in conn.execute("SELECT DISTINCT root FROM datum_sets"))


class DatumSets:
    """All sets of all jobs."""

    def __init__(self, db: Database, pins: Pins) -> None:
        self._trees = Trees(db, pins)

    def hashes(self, conn: sqlite3.Connection, job: Job | None) -> dict[str, str]:
        """Datum hash by datum id in the set of ``job``; empty for None."""
        root = self._root(conn, job)
        return {key.hex(): hash_of(found).hex() for key, found in self._trees.scan(root)}

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
        points: dict[bytes, bytes | None] = {bytes.fromhex(datum): None for datum in gone}
        for record in results.of_job(txn.conn, job):
            hash_ = bytes.fromhex(record.hash) if record.state is DatumState.SUCCESS else _NEVER
            points[bytes.fromhex(record.datum)] = value(hash_, record.number)
        root = self._trees.edit(txn.conn, self._root(txn.conn, base), points)
        row = (job.pipeline.project, job.pipeline.name, job.id, root)
        txn.conn.execute("INSERT OR REPLACE INTO datum_sets VALUES (?, ?, ?, ?)", row)

    def _root(self, conn: sqlite3.Connection, job: Job | None) -> bytes:
        if job is None:
            return EMPTY
        row = conn.execute(
            "SELECT root FROM datum_sets WHERE project = ? AND pipeline = ? AND job = ?",
            (job.pipeline.project, job.pipeline.name, job.id),
        ).fetchone()
        return bytes(row["root"]) if row is not None else EMPTY


def _key(datum: str) -> bytes | None:
    """The map's key of a datum id; None: this is none."""
    try:
        return bytes.fromhex(datum)
    except ValueError:
        return None
