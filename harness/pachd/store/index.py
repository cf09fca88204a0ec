"""Which chunks contents consist of, and where these lie: rows in SQLite, and in memory what is not kept yet."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from harness.pachd.errors import pfs as errors
from harness.pachd.store.packs import Place
from harness.pachd.store.pins import ID_BYTES, split

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence

    from harness.pachd.store.database import Database

BATCH = 100  # chunks that are looked up together

_DDL = """
CREATE TABLE IF NOT EXISTS chunks (
    id BLOB PRIMARY KEY, pack INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS contents (hash BLOB PRIMARY KEY, size INTEGER NOT NULL, chunks BLOB NOT NULL);
"""


class Index:
    """Chunks by id, contents by hash. Safe to use from several threads.

    What is added is found at once, and waits in memory until a transaction that :meth:`keep` made it part of was kept.
    """

    def __init__(self, db: Database) -> None:
        db.install(_DDL)
        self._db = db
        self._lock = threading.Lock()
        self._chunks: dict[bytes, Place] = {}
        self._contents: dict[bytes, tuple[int, bytes]] = {}

    def add_chunk(self, id_: bytes, append: Callable[[], Place]) -> None:
        """Add a chunk that ``append`` writes, unless another thread was quicker."""
        with self._lock:
            if id_ not in self._chunks:
                self._chunks[id_] = append()

    def move_chunk(self, id_: bytes, place: Place) -> None:
        """A pending chunk lies at ``place`` from now on."""
        with self._lock:
            self._chunks[id_] = place

    def add_content(self, hash_: bytes, size: int, ids: bytes) -> None:
        """Add a content made of known chunks (``ids``: their ids, joined)."""
        with self._lock:
            self._contents[hash_] = (size, ids)

    def pending(self) -> tuple[dict[bytes, Place], dict[bytes, tuple[int, bytes]]]:
        """What no kept row names yet: places of chunks by id, sizes and joined chunk ids of contents by hash."""
        with self._lock:
            return dict(self._chunks), dict(self._contents)

    def keep(
        self, conn: sqlite3.Connection, chunks: dict[bytes, Place], contents: dict[bytes, tuple[int, bytes]]
    ) -> None:
        """Inside ``Database.write()``: make what :meth:`pending` gave part of the transaction."""
        if not chunks and not contents:
            return
        conn.executemany(
            "INSERT OR IGNORE INTO chunks VALUES (?, ?, ?, ?)",
            ((id_, place.pack, place.offset, place.length) for id_, place in chunks.items()),
        )
        conn.executemany(
            "INSERT OR IGNORE INTO contents VALUES (?, ?, ?)",
            ((hash_, size, ids) for hash_, (size, ids) in contents.items()),
        )
        self._db.at_end(lambda kept: self._forget(chunks, contents) if kept else None)

    def chunk_ids(self, first: bytes = b"", last: bytes = b"") -> Iterator[list[bytes]]:
        """The ids of kept chunks from ``first`` on and before ``last`` (empty: to the end), in order, page by page."""
        query = "SELECT id FROM chunks WHERE id >= ? AND (? = x'' OR id < ?) ORDER BY id LIMIT 1000"
        while True:
            with self._db.read() as conn:
                ids = [id_ for (id_,) in conn.execute(query, (first, last, last))]
            if not ids:
                return
            yield ids
            first = ids[-1] + b"\0"

    def content(self, hash_: bytes) -> tuple[int, bytes]:
        """Size and joined chunk ids of a content. Raises CONTENT_MISSING."""
        pending = self._contents.get(hash_)
        if pending is not None:
            return pending
        rows = self._db.fetch("SELECT size, chunks FROM contents WHERE hash = ?", (hash_,))
        if not rows:
            raise errors.CONTENT_MISSING(hash=hash_.hex())
        return rows[0]["size"], rows[0]["chunks"]

    def kept(self, ids: Sequence[bytes]) -> dict[bytes, Place]:
        """Where those of these chunks lie that kept rows name; many at once, as a query costs more than its rows."""
        if not ids:
            return {}
        marks = ", ".join("?" * len(ids))
        query = f"SELECT id, pack, offset, length FROM chunks WHERE id IN ({marks})"  # noqa: S608 -- question marks only
        return {id_: Place(*place) for id_, *place in self._db.fetch(query, ids)}

    def find(self, ids: Sequence[bytes]) -> dict[bytes, Place]:
        """Where those of these chunks lie that are known, kept or not yet."""
        found = {id_: place for id_ in ids if (place := self._chunks.get(id_))}
        return found | self.kept([id_ for id_ in ids if id_ not in found])

    def places(self, ids: bytes) -> Iterator[tuple[bytes, Place]]:
        """Chunks (``ids``: theirs, joined) with where they lie at this moment. Raises CONTENT_MISSING."""
        for start in range(0, len(ids), BATCH * ID_BYTES):
            batch = list(split((ids[start : start + BATCH * ID_BYTES],)))
            found = self.find(batch)
            for id_ in batch:
                if id_ not in found:
                    raise errors.CONTENT_MISSING(hash=id_.hex())
                yield id_, found[id_]

    def place(self, id_: bytes) -> Place:
        """Where a chunk lies. Raises CONTENT_MISSING."""
        ((_, place),) = self.places(id_)
        return place

    def _forget(self, chunks: dict[bytes, Place], contents: dict[bytes, tuple[int, bytes]]) -> None:
        with self._lock:
            for id_ in chunks:
                self._chunks.pop(id_, None)
            for hash_ in contents:
                self._contents.pop(hash_, None)
