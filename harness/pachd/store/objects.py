"""Content-addressed storage of file contents: deduplicated chunks in pack files, their index in SQLite."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.pachd.errors import pfs as errors
from harness.pachd.store.chunking import Cutter
from harness.pachd.store.packs import Packs, Place

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from harness.pachd.store.database import Database

PIECE_BYTES = 2**20  # readers get no longer pieces
ID_BYTES = 32

_DDL = """
CREATE TABLE IF NOT EXISTS chunks (
    id BLOB PRIMARY KEY, pack INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS contents (hash BLOB PRIMARY KEY, size INTEGER NOT NULL, chunks BLOB NOT NULL);
"""


@dataclass(frozen=True)
class Content:
    """What a file holds: ``hash`` (32 bytes: sha256 over the sha256 ids of its chunks) and ``size`` in bytes.

    The hash is a function of the bytes alone, in however many writes they came.
    """

    hash: bytes
    size: int


class Objects:
    """The contents of all files. Safe to use from several threads, and several may write at once.

    New bytes go to the packs at once; their index rows wait in memory for the next :meth:`flush`, whoever's it is, and
    remain there until its transaction was kept. Content is readable as soon as it was put.
    """

    def __init__(self, root: Path, db: Database) -> None:
        db.install(_DDL)
        self._db = db
        self._packs = Packs(root / "packs")
        self._lock = threading.Lock()
        self._chunks: dict[bytes, Place] = {}
        self._contents: dict[bytes, tuple[int, bytes]] = {}

    def put(self, data: bytes | Iterable[bytes]) -> Content:
        """Store ``data``, given whole or in pieces of any length."""
        return _fill(Writer(self), data)

    def append(self, base: Content, data: bytes | Iterable[bytes]) -> Content:
        """Store ``base`` followed by ``data``; the same content as putting both at once."""
        return _fill(self.writer(base), data)

    def writer(self, base: Content | None = None) -> Writer:
        """A writer that continues ``base`` (default: starts with nothing), for bytes that come over time."""
        if base is None or not base.size:
            return Writer(self)
        ids = self._content(base.hash)[1]
        last = self._place(ids[-ID_BYTES:])
        writer = Writer(self, ids[:-ID_BYTES], base.size - last.length)
        writer.write(self._packs.read(last))
        return writer

    def flush(self, conn: sqlite3.Connection) -> None:
        """Inside ``Database.write()``: make everything that was put so far part of the transaction.

        The packs are synced first, so that no kept index row can name lost bytes.
        """
        with self._lock:
            chunks, contents = dict(self._chunks), dict(self._contents)
        if not chunks and not contents:
            return
        self._packs.sync()
        conn.executemany(
            "INSERT OR IGNORE INTO chunks VALUES (?, ?, ?, ?)",
            ((id_, place.pack, place.offset, place.length) for id_, place in chunks.items()),
        )
        conn.executemany(
            "INSERT OR IGNORE INTO contents VALUES (?, ?, ?)",
            ((hash_, size, ids) for hash_, (size, ids) in contents.items()),
        )
        self._db.at_end(lambda kept: self._forget(chunks, contents) if kept else None)

    def read(self, hash: bytes, offset: int = 0) -> Iterator[bytes]:  # noqa: A002 -- the floor's word for it
        """The content from byte ``offset`` on, in pieces of 1 byte to 1 MiB.

        Raises CONTENT_MISSING for a hash that was never put, PACK_DAMAGED where the stored bytes are gone.
        """
        gathered: list[bytes] = []
        held = 0
        for place in self._places(self._content(hash)[1]):
            if offset >= place.length:
                offset -= place.length
                continue
            data = self._packs.read(place)[offset:]
            offset = 0
            if held + len(data) > PIECE_BYTES:
                yield b"".join(gathered)
                gathered, held = [], 0
            gathered.append(data)
            held += len(data)
        if gathered:
            yield b"".join(gathered)

    def size(self, hash: bytes) -> int:  # noqa: A002 -- as above
        """The length of a content in bytes. Raises CONTENT_MISSING."""
        return self._content(hash)[0]

    def export(self, hash: bytes, path: Path) -> None:  # noqa: A002 -- as above
        """Write a content to a new plain file at ``path``; its folder must exist."""
        with Path(path).open("wb") as file:
            file.writelines(self.read(hash))

    def count_chunks(self, first: bytes = b"", last: bytes = b"", *, verify: bool = False) -> int:
        """How many kept chunks have ids from ``first`` on and before ``last`` (empty: to the end).

        ``verify`` reads each; raises CHUNK_DAMAGED or PACK_DAMAGED for the first that is not what was stored.
        """
        with self._db.read() as conn:
            rows = conn.execute(
                "SELECT id, pack, offset, length FROM chunks WHERE id >= ? AND (? = x'' OR id < ?)", (first, last, last)
            )
            count = 0
            for id_, *place in rows:
                count += 1
                if verify and hashlib.sha256(self._packs.read(Place(*place))).digest() != id_:
                    raise errors.CHUNK_DAMAGED(hash=id_.hex())
        return count

    def close(self) -> None:
        """Close the packs. What was not flushed is lost."""
        self._packs.close()

    def store_chunk(self, data: bytes | memoryview) -> bytes:
        """Store one chunk unless it is known, and give its id. For writers."""
        id_ = hashlib.sha256(data).digest()
        if id_ in self._chunks or self._indexed(id_):
            return id_
        with self._lock:
            if id_ not in self._chunks:  # another thread may have been quicker
                self._chunks[id_] = self._packs.append(data)
        return id_

    def store_content(self, ids: bytes, size: int) -> Content:
        """Register a content made of known chunks (``ids``: their ids, joined). For writers."""
        content = Content(hashlib.sha256(ids).digest(), size)
        with self._lock:
            self._contents[content.hash] = (size, ids)
        return content

    def _forget(self, chunks: dict[bytes, Place], contents: dict[bytes, tuple[int, bytes]]) -> None:
        with self._lock:
            for id_ in chunks:
                self._chunks.pop(id_, None)
            for hash_ in contents:
                self._contents.pop(hash_, None)

    def _content(self, hash_: bytes) -> tuple[int, bytes]:
        pending = self._contents.get(hash_)
        if pending is not None:
            return pending
        with self._db.read() as conn:
            row = conn.execute("SELECT size, chunks FROM contents WHERE hash = ?", (hash_,)).fetchone()
        if row is None:
            raise errors.CONTENT_MISSING(hash=hash_.hex())
        return row["size"], row["chunks"]

    def _indexed(self, id_: bytes) -> Place | None:
        with self._db.read() as conn:
            row = conn.execute("SELECT pack, offset, length FROM chunks WHERE id = ?", (id_,)).fetchone()
        return Place(*row) if row else None

    def _place(self, id_: bytes) -> Place:
        place = self._chunks.get(id_) or self._indexed(id_)
        if place is None:
            raise errors.CONTENT_MISSING(hash=id_.hex())
        return place

    def _places(self, ids: bytes) -> Iterator[Place]:
        for start in range(0, len(ids), ID_BYTES):
            yield self._place(ids[start : start + ID_BYTES])


class Writer:
    """One content in the making."""

    def __init__(self, objects: Objects, ids: bytes = b"", size: int = 0) -> None:
        self._objects = objects
        self._ids = [ids]
        self._size = size
        self._cutter = Cutter()

    @property
    def held(self) -> int:
        """Bytes that wait in memory."""
        return self._cutter.held

    def write(self, data: bytes) -> None:
        """Add ``data`` at the end."""
        self._size += len(data)
        self._ids.extend(map(self._objects.store_chunk, self._cutter.feed(data)))

    def finish(self) -> Content:
        """The finished content. The writer is of no use afterwards."""
        self._ids.extend(map(self._objects.store_chunk, self._cutter.finish()))
        return self._objects.store_content(b"".join(self._ids), self._size)


def _fill(writer: Writer, data: bytes | Iterable[bytes]) -> Content:
    for piece in (data,) if isinstance(data, bytes) else data:
        writer.write(piece)
    return writer.finish()
