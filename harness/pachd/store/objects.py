"""Content-addressed storage of file contents: deduplicated chunks in pack files, their index in SQLite."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.pachd.errors import PachError
from harness.pachd.errors import pfs as errors
from harness.pachd.store.chunking import Cutter
from harness.pachd.store.packs import Packs, Place
from harness.pachd.store.pins import ID_BYTES, Kind, Pins, split

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from harness.pachd.store.database import Database

PIECE_BYTES = 2**20  # readers get no longer pieces

_DDL = """
CREATE TABLE IF NOT EXISTS chunks (
    id BLOB PRIMARY KEY, pack INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS contents (hash BLOB PRIMARY KEY, size INTEGER NOT NULL, chunks BLOB NOT NULL);
"""


@dataclass(frozen=True)
class Content:
    """What a file holds: ``hash`` (32 bytes: sha256 over the sha256 ids of its chunks) and ``size`` in bytes.

    The hash is a function of the bytes alone, in however many writes they came. What was put stays stored for as long
    as the content that putting it gave is alive, or something names it in a table.
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
        self.pins = Pins()
        self.packs = Packs(root / "packs")
        self._db = db
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
        writer.write(self.chunk(ids[-ID_BYTES:]))
        return writer

    def held(self, content: Content) -> Content:
        """The same content, stored for as long as the returned one lives; ``content`` itself must be stored now."""
        mine = Content(content.hash, content.size)
        self.pins.hold(mine, Kind.CONTENT, (mine.hash,))
        return mine

    def sync(self) -> None:
        """Return when the bytes of everything that was put before are on disk; saves :meth:`flush` from waiting.

        Raises DISK_FULL or OSError.
        """
        self.packs.sync()

    def flush(self, conn: sqlite3.Connection) -> None:
        """Inside ``Database.write()``: make everything that was put so far part of the transaction.

        The packs are synced first, so that no kept index row can name lost bytes. Raises what :meth:`sync` raises.
        """
        while True:
            self._rescue()
            chunks, contents = self.pending()
            self.packs.sync()
            if not any(self.packs.doubtful(place.pack) for place in chunks.values()):
                break
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

    def read(self, hash: bytes, offset: int = 0) -> Iterator[bytes]:  # noqa: A002 -- the floor's word for it
        """The content from byte ``offset`` on, in pieces of 1 byte to 1 MiB.

        Raises CONTENT_MISSING for a hash that was never put, PACK_DAMAGED where the stored bytes are gone, and
        CHUNK_DAMAGED where they are not those that were put: no wrong byte leaves the store.
        """
        gathered: list[bytes] = []
        held = 0
        for id_ in split((self._content(hash)[1],)):
            if offset and offset >= (length := self._place(id_).length):
                offset -= length
                continue
            data = self.chunk(id_)[offset:]
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
        count = 0
        for ids in self.chunk_ids(first, last):
            count += len(ids)
            for id_ in ids if verify else ():
                if self._indexed(id_):  # still
                    self.chunk(id_)
        return count

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

    def close(self) -> None:
        """Close the packs. What was not flushed is lost."""
        self.packs.close()

    def store_chunk(self, id_: bytes, data: bytes | memoryview) -> None:
        """Store one chunk, whose sha256 the caller has pinned, unless it is known. For writers. Raises DISK_FULL."""
        if self.pins.use(id_) and (id_ in self._chunks or self._indexed(id_)):
            return
        self.packs.check_room()
        with self._lock:
            if id_ not in self._chunks:  # another thread may have been quicker
                self._chunks[id_] = self.packs.append(data)

    def store_content(self, ids: bytes, size: int) -> Content:
        """Register a content made of known chunks (``ids``: their ids, joined). For writers."""
        content = self.held(Content(hashlib.sha256(ids).digest(), size))
        with self._lock:
            self._contents[content.hash] = (size, ids)
        return content

    def pending(self) -> tuple[dict[bytes, Place], dict[bytes, tuple[int, bytes]]]:
        """What no kept row names yet: places of chunks by id, sizes and joined chunk ids of contents by hash."""
        with self._lock:
            return dict(self._chunks), dict(self._contents)

    def chunk(self, id_: bytes) -> bytes:
        """The bytes of a chunk. Raises CONTENT_MISSING, PACK_DAMAGED and CHUNK_DAMAGED."""
        place = self._place(id_)
        try:
            return self.read_place(id_, place)
        except PachError:
            if self._place(id_) == place:
                raise
            return self.chunk(id_)  # it was moved at this moment

    def read_place(self, id_: bytes, place: Place) -> bytes:
        """The bytes at ``place``, which are those of the chunk ``id_``. Raises PACK_DAMAGED and CHUNK_DAMAGED."""
        data = self.packs.read(place)
        if hashlib.sha256(data).digest() != id_:
            raise errors.CHUNK_DAMAGED(pack=self.packs.name(place.pack), offset=place.offset, length=place.length)
        return data

    def _rescue(self) -> None:
        """Write what may have been lost with a failed sync once more, while it can still be read and checked.

        Where it can not, nothing is kept any more until the server is started again: some upload would miss bytes.
        """
        for id_, place in self.pending()[0].items():
            if self.packs.doubtful(place.pack):
                data = self.read_place(id_, place)
                with self._lock:
                    self._chunks[id_] = self.packs.append(data)

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


class Writer:
    """One content in the making."""

    def __init__(self, objects: Objects, ids: bytes = b"", size: int = 0) -> None:
        self._objects = objects
        self._ids = [ids]
        self._size = size
        self._cutter = Cutter()
        objects.pins.hold(self, Kind.CHUNK, self._ids)

    @property
    def held(self) -> int:
        """Bytes that wait in memory."""
        return self._cutter.held

    def write(self, data: bytes) -> None:
        """Add ``data`` at the end."""
        self._size += len(data)
        self._store(self._cutter.feed(data))

    def finish(self) -> Content:
        """The finished content. The writer is of no use afterwards."""
        self._store(self._cutter.finish())
        return self._objects.store_content(b"".join(self._ids), self._size)

    def _store(self, chunks: Iterable[bytes | memoryview]) -> None:
        for chunk in chunks:
            id_ = hashlib.sha256(chunk).digest()
            self._ids.append(id_)  # pinned from here on, so before the store is asked for it
            self._objects.store_chunk(id_, chunk)


def _fill(writer: Writer, data: bytes | Iterable[bytes]) -> Content:
    for piece in (data,) if isinstance(data, bytes) else data:
        writer.write(piece)
    return writer.finish()
