"""The metadata database: one SQLite file, one writer at a time, readers on snapshots."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from harness.pachd.store.disk import sync_folder, telling_full

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

# Readers' connections that are kept for the next; each holds files open and a page cache.
MOST_IDLE = 32


class Database:
    """A SQLite file in WAL mode.

    A server transaction is one :meth:`write` block. What was committed survives a crash of the process and of the
    machine (``synchronous=FULL``). :meth:`read` gives a consistent snapshot and never waits for the writer.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._reads: set[object] = set()
        self._read_ended = threading.Condition()
        self._endings: list[Callable[[bool], None]] = []
        self._idle: list[sqlite3.Connection] = []
        self._idle_lock = threading.Lock()
        with telling_full():
            self._writer = self._connect()
            self._writer.execute("PRAGMA auto_vacuum=INCREMENTAL")  # heeded in a new file only; see shrink
            self._writer.execute("PRAGMA journal_mode=WAL")
            self._writer.execute("PRAGMA synchronous=FULL")
        sync_folder(path.parent)

    def install(self, ddl: str) -> None:
        """Create what a floor needs, all of it or nothing; ``ddl`` holds ``CREATE ... IF NOT EXISTS`` statements only.

        Raises DISK_FULL where there is no room for it.
        """
        with self._lock, telling_full():
            try:
                # One script, since Python commits what is open before it runs one.
                self._writer.executescript(f"BEGIN IMMEDIATE; {ddl}; COMMIT")
            finally:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """An exclusive transaction: kept when the block ends, undone when it raises. Not re-entrant.

        Raises DISK_FULL where there is no room for what the block wrote.
        """
        with self._lock, telling_full():
            self._writer.execute("BEGIN IMMEDIATE")
            kept = False
            try:
                yield self._writer
                self._writer.execute("COMMIT")
                kept = True
            finally:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                endings, self._endings = self._endings, []
                for call in endings:
                    call(kept)

    def at_end(self, call: Callable[[bool], None]) -> None:
        """Inside :meth:`write`: have ``call(kept)`` run once it is known whether the transaction was kept."""
        self._endings.append(call)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Inside :meth:`write`: whatever the block does is undone at its end, also where it raises."""
        outer, self._endings = self._endings, []
        self._writer.execute("SAVEPOINT undone")
        try:
            yield
        finally:
            if self._writer.in_transaction:  # else SQLite has undone everything already, as when the disk is full
                self._writer.execute("ROLLBACK TO undone")
                self._writer.execute("RELEASE undone")
            endings, self._endings = self._endings, outer
            for call in endings:
                call(False)

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A snapshot as of the block's first query. Inside :meth:`write`, use that one's connection instead."""
        with self._reading() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")

    def fetch(self, query: str, values: Sequence[object]) -> list[sqlite3.Row]:
        """The rows that one query gives: as :meth:`read`, at a third of the price."""
        with self._reading() as connection:
            rows: list[sqlite3.Row] = connection.execute(query, values).fetchall()
            return rows

    def settle(self) -> None:
        """Return when every :meth:`read` block has ended that runs now. Not inside one."""
        with self._read_ended:
            running = self._reads.copy()
            self._read_ended.wait_for(lambda: running.isdisjoint(self._reads.copy()))

    def problems(self) -> list[str]:
        """What SQLite finds wrong with the file itself, at most a hundred findings."""
        with self.read() as conn:
            found = [str(row[0]) for row in conn.execute("PRAGMA integrity_check").fetchall()]
        return [] if found == ["ok"] else found

    def shrink(self, pages: int) -> bool:
        """Give up to so many free pages back to the file system; False where free pages are few.

        Vacuuming in small steps keeps each write transaction short. A few free pages are left for those to come.
        """
        with self.write() as conn:
            (free,) = conn.execute("PRAGMA freelist_count").fetchone()
            (total,) = conn.execute("PRAGMA page_count").fetchone()
            if free * 4 < total:
                return False
            conn.execute(f"PRAGMA incremental_vacuum({pages:d})").fetchall()
            (left,) = conn.execute("PRAGMA freelist_count").fetchone()
            return bool(left < free)

    def trim_log(self) -> None:
        """Fold the write-ahead log into the file and cut it, unless somebody reads or writes at this moment."""
        with telling_full(), closing(sqlite3.connect(self._path, timeout=0)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close every connection; the write-ahead log is folded into the file."""
        with self._lock, self._idle_lock:
            for connection in (*self._idle, self._writer):
                connection.close()
            self._idle.clear()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        connection, block = self._borrow(), object()
        self._reads.add(block)  # before the snapshot is taken
        try:
            yield connection
        finally:
            with self._idle_lock:
                spare = len(self._idle) >= MOST_IDLE
                if not spare:
                    self._idle.append(connection)
            if spare:
                connection.close()
            with self._read_ended:
                self._reads.discard(block)
                self._read_ended.notify_all()

    def _borrow(self) -> sqlite3.Connection:
        with self._idle_lock:
            if self._idle:
                return self._idle.pop()
        return self._connect()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=30)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys=ON")
        return connection
