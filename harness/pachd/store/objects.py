"""Content-addressed storage of file contents: deduplicated chunks in pack files, their index in SQLite."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from harness.pachd.errors import PachError
from harness.pachd.errors import pfs as errors
from harness.pachd.store.contents import Content, Writer, finish_all
from harness.pachd.store.index import Index
from harness.pachd.store.packs import Packs
from harness.pachd.store.pins import ID_BYTES, Kind, Pins
from harness.pachd.store.runs import Run, intact, runs, whole

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from harness.pachd.store.database import Database
    from harness.pachd.store.packs import Place

PIECE_BYTES = 2**20  # readers get no longer pieces


class Objects:
    """The contents of all files. Safe to use from several threads, and several may write at once.

    New bytes go to the packs at once; their index rows wait in memory for the next :meth:`flush`, whoever's it is, and
    remain there until its transaction was kept. Content is readable as soon as it was put.
    """

    def __init__(self, root: Path, db: Database) -> None:
        self.pins = Pins()
        self.packs = Packs(root / "packs")
        self.index = Index(db)

    def put(self, data: bytes | Iterable[bytes]) -> Content:
        """Store ``data``, given whole or in pieces of any length."""
        return _fill(Writer(self), data)

    def put_all(self, contents: Iterable[bytes]) -> list[Content]:
        """Store many small contents; see :func:`finish_all`."""
        writers = []
        for data in contents:
            writers.append(Writer(self))
            writers[-1].write(data)
        return finish_all(self, writers)

    def append(self, base: Content, data: bytes | Iterable[bytes]) -> Content:
        """Store ``base`` followed by ``data``; the same content as putting both at once."""
        return _fill(self.writer(base), data)

    def writer(self, base: Content | None = None) -> Writer:
        """A writer that continues ``base`` (default: starts with nothing), for bytes that come over time."""
        if base is None or not base.size:
            return Writer(self)
        ids = self.index.content(base.hash)[1]
        last = self.index.place(ids[-ID_BYTES:])
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
            chunks, contents = self.index.pending()
            self.packs.sync()
            if not any(self.packs.doubtful(place.pack) for place in chunks.values()):
                break
        self.index.keep(conn, chunks, contents)

    def read(self, hash: bytes, offset: int = 0) -> Iterator[bytes]:  # noqa: A002 -- the floor's word for it
        """The content from byte ``offset`` on, in pieces of 1 byte to 1 MiB.

        Raises CONTENT_MISSING for a hash that was never put, PACK_DAMAGED where the stored bytes are gone, and
        CHUNK_DAMAGED where they are not those that were put: no wrong byte leaves the store.
        """
        gathered: list[bytes] = []
        held = 0
        for run in runs(self.index.places(self.index.content(hash)[1]), PIECE_BYTES):
            length = whole(run).length
            if offset >= length:
                offset -= length
                continue
            data = self._read_run(run)[offset:]
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
        return self.index.content(hash)[0]

    def export(self, hash: bytes, path: str | Path) -> int:  # noqa: A002 -- as above
        """Write a content to a new plain file at ``path``, whose folder must exist; how many bytes it has."""
        with open(path, "wb") as file:  # noqa: PTH123 -- of small files there are many, and a path object takes longer
            return sum(file.write(piece) for piece in self.read(hash))

    def count_chunks(self, first: bytes = b"", last: bytes = b"", *, verify: bool = False) -> int:
        """How many kept chunks have ids from ``first`` on and before ``last`` (empty: to the end).

        ``verify`` reads each; raises CHUNK_DAMAGED or PACK_DAMAGED for the first that is not what was stored.
        """
        count = 0
        for ids in self.index.chunk_ids(first, last):
            count += len(ids)
            for id_ in ids if verify else ():
                if self.index.kept((id_,)):  # still
                    self.chunk(id_)
        return count

    def close(self) -> None:
        """Close the packs. What was not flushed is lost."""
        self.packs.close()

    def store_chunks(self, chunks: Mapping[bytes, bytes | memoryview]) -> None:
        """Store chunks by their sha256, which the caller has pinned, but for those that are known. For writers.

        Raises DISK_FULL.
        """
        known = self.index.find([id_ for id_ in chunks if self.pins.use(id_)])
        fresh = {id_: data for id_, data in chunks.items() if id_ not in known}
        if fresh:
            self.packs.check_room()
        for id_, data in fresh.items():
            self.index.add_chunk(id_, partial(self.packs.append, data))

    def store_content(self, ids: bytes, size: int) -> Content:
        """Register a content made of known chunks (``ids``: their ids, joined). For writers."""
        content = self.held(Content(hashlib.sha256(ids).digest(), size))
        self.index.add_content(content.hash, size, ids)
        return content

    def chunk(self, id_: bytes, place: Place | None = None) -> bytes:
        """The bytes of a chunk, which was at ``place``. Raises CONTENT_MISSING, PACK_DAMAGED and CHUNK_DAMAGED."""
        place = place or self.index.place(id_)
        try:
            return self.read_place(id_, place)
        except PachError:
            if self.index.place(id_) == place:
                raise
            return self.chunk(id_)  # it was moved at this moment

    def _read_run(self, run: Run) -> bytes:
        if len(run) > 1:
            with suppress(PachError):
                data = self.packs.read(whole(run))
                if intact(run, data):
                    return data
        return b"".join(self.chunk(id_, place) for id_, place in run)  # says what is wrong, or finds what was moved

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
        for id_, place in self.index.pending()[0].items():
            if self.packs.doubtful(place.pack):
                data = self.read_place(id_, place)
                self.index.move_chunk(id_, self.packs.append(data))


def _fill(writer: Writer, data: bytes | Iterable[bytes]) -> Content:
    for piece in (data,) if isinstance(data, bytes) else data:
        writer.write(piece)
    return writer.finish()
