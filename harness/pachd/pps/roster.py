"""All datums of one job: in a file instead of in memory, because there may be hundreds of thousands."""

from __future__ import annotations

import sqlite3
import tempfile
import threading
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from harness.pachd.pps.datums import Datum
from harness.pachd.pps.packing import Packing
from harness.pachd.store.disk import telling_full

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from harness.pachd.pps.fates import Fate

# ``place`` counts datums as they are enumerated, ``turn`` those to execute in the order of their execution.
_DDL = """
PRAGMA journal_mode = MEMORY;
PRAGMA synchronous = OFF;
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA cache_size = -4096;
CREATE TABLE datums (place INTEGER PRIMARY KEY, number INTEGER, id BLOB, hash BLOB, size INTEGER, inputs BLOB);
CREATE UNIQUE INDEX datums_by_id ON datums (id, hash);
CREATE TABLE executed (id BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE fates (id BLOB PRIMARY KEY, fate INTEGER) WITHOUT ROWID;
CREATE TABLE queue (turn INTEGER PRIMARY KEY, place INTEGER);
"""
_COLUMNS = "id, number, inputs"
_PAGE = 1000


class Roster:
    """The datums of one job with their hashes, and the queue of those that are to be executed.

    The file has no name and ends with this object: after a crash the next server enumerates again. Safe to use from
    several threads; all methods that write raise DISK_FULL.
    """

    def __init__(self, folder: Path, datums: Iterable[Datum], salt: str) -> None:
        """Take up ``datums`` in enumeration order; one that comes twice, as from a union, counts once."""
        self._lock = threading.RLock()  # comparing reads while it writes
        self._packing = Packing()
        with telling_full():
            self._conn = _nameless(folder)
            weakref.finalize(self, self._conn.close)
        self._replace("datums", (self._row(datum, salt) for datum in datums))
        self.total = self._count("SELECT count(*) FROM datums")
        self.queued = 0

    def ids(self) -> Iterator[tuple[bytes, bytes]]:
        """As :meth:`hashes`, with empty hashes."""
        return ((id_, b"") for id_, _ in self.hashes())

    def hashes(self) -> Iterator[tuple[bytes, bytes]]:
        """The id and the hash of each datum, in order of the ids."""
        return self._stream("SELECT id, hash FROM datums ORDER BY id")

    def leave_out(self, executed: Iterable[str]) -> None:
        """Never queue these datums (ids), and only these: they were executed before."""
        self._replace("executed", ((bytes.fromhex(id_),) for id_ in executed))

    def decide(self, fates: Iterable[tuple[bytes, Fate]]) -> None:
        """Keep the fates of datums in place of those before."""
        self._replace("fates", fates)

    def number(self, *fates: Fate) -> int:
        """How many datums have one of these fates."""
        return sum(self._count("SELECT count(*) FROM fates WHERE fate = ?", fate) for fate in fates)

    def having(self, *fates: Fate) -> Iterator[str]:
        """The ids of the datums with one of these fates, in order."""
        marks = ", ".join("?" * len(fates))
        rows = self._stream(f"SELECT id FROM fates WHERE fate IN ({marks}) ORDER BY id", *fates)  # noqa: S608
        return (id_.hex() for (id_,) in rows)

    def queue(self, fate: Fate) -> None:
        """Queue the datums of that fate in Pachyderm's order of execution: by index, then id. ``queued`` of them."""
        with self._writing() as conn:
            conn.execute("DELETE FROM queue")
            conn.execute(
                "INSERT INTO queue (place) SELECT place FROM fates JOIN datums USING (id) "
                "WHERE fate = ? AND id NOT IN (SELECT id FROM executed) ORDER BY number, id",
                (fate,),
            )
        self.queued = self._count("SELECT count(*) FROM queue")

    def sizes(self) -> Iterator[int]:
        """The bytes of the inputs of each queued datum, in order."""
        rows = self._stream("SELECT size FROM queue JOIN datums USING (place) ORDER BY turn")
        return (size for (size,) in rows)

    def turns(self, first: int, end: int, most: int) -> list[Datum]:
        """The queued datums from number ``first`` (0 is the queue's first) and before ``end``, at most so many."""
        query = (
            f"SELECT {_COLUMNS} FROM queue JOIN datums USING (place) WHERE turn > ? AND turn <= ? ORDER BY turn LIMIT ?"  # noqa: S608
        )
        with self._lock:
            rows = self._conn.execute(query, (first, end, most)).fetchall()
        return [self._datum(*row) for row in rows]

    def get(self, datum: str) -> Datum:
        """The datum of that id."""
        with self._lock:
            row = self._conn.execute(f"SELECT {_COLUMNS} FROM datums WHERE id = ?", (bytes.fromhex(datum),)).fetchone()  # noqa: S608
        return self._datum(*row)

    def _row(self, datum: Datum, salt: str) -> tuple[Any, ...]:
        size = sum(part.size for part in datum.inputs)
        hash_ = bytes.fromhex(datum.hash(salt))
        return None, datum.index, bytes.fromhex(datum.id), hash_, size, self._packing.pack(datum.inputs)

    def _datum(self, id_: bytes, number: int, inputs: bytes) -> Datum:
        return Datum(id_.hex(), number, self._packing.unpack(inputs))

    def _count(self, query: str, *values: object) -> int:
        with self._lock:
            return int(self._conn.execute(query, values).fetchone()[0])

    def _stream(self, query: str, *values: object) -> Iterator[Any]:
        with self._lock:
            cursor = self._conn.execute(query, values)
        while rows := self._fetch(cursor):
            yield from rows

    def _fetch(self, cursor: sqlite3.Cursor) -> Sequence[Any]:
        with self._lock:
            return cursor.fetchmany(_PAGE)

    def _replace(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Fill a table of ours anew; ``rows`` may be read from another one."""
        with self._writing() as conn:
            conn.execute(f"DELETE FROM {table}")  # noqa: S608
            marks = ", ".join("?" * len(conn.execute(f"PRAGMA table_info({table})").fetchall()))
            conn.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)  # noqa: S608

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, telling_full():
            self._conn.execute("BEGIN")
            try:
                yield self._conn
                self._conn.execute("COMMIT")
            finally:
                if self._conn.in_transaction:
                    self._conn.execute("ROLLBACK")


def _nameless(folder: Path) -> sqlite3.Connection:
    """A new database in a file of ``folder`` that goes with the connection, also when the process is killed."""
    with tempfile.NamedTemporaryFile(dir=folder, prefix="roster-") as file:
        conn = sqlite3.connect(file.name, isolation_level=None, check_same_thread=False)
        conn.executescript(_DDL)
    return conn
