"""What files hold: finished contents, and those in the making."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.pachd.store.chunking import Cutter
from harness.pachd.store.pins import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.pachd.store.objects import Objects

TOGETHER = 100  # writers whose last chunks are stored at once


@dataclass(frozen=True)
class Content:
    """What a file holds: ``hash`` (32 bytes: sha256 over the sha256 ids of its chunks) and ``size`` in bytes.

    The hash is a function of the bytes alone, in however many writes they came. What was put stays stored for as long
    as the content that putting it gave is alive, or something names it in a table.
    """

    hash: bytes
    size: int


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

    def write(self, data: bytes | memoryview) -> None:
        """Add ``data`` at the end. Raises DISK_FULL."""
        self._size += len(data)
        for chunks in self._cutter.feed(data):
            self._objects.store_chunks(self._named(chunks))

    def finish(self) -> Content:
        """The finished content. The writer is of no use afterwards. Raises DISK_FULL."""
        (content,) = finish_all(self._objects, [self])
        return content

    def rest(self) -> dict[bytes, bytes | memoryview]:
        """The last chunks by id, for :func:`finish_all` to store."""
        return self._named([chunk for chunks in self._cutter.finish() for chunk in chunks])

    def content(self) -> Content:
        """The content, once the rest is stored."""
        return self._objects.store_content(b"".join(self._ids), self._size)

    def _named(self, chunks: Sequence[bytes | memoryview]) -> dict[bytes, bytes | memoryview]:
        ids = [hashlib.sha256(chunk).digest() for chunk in chunks]
        self._ids += ids  # pinned from here on, so before the store is asked for them
        return dict(zip(ids, chunks, strict=True))


def finish_all(objects: Objects, writers: Sequence[Writer]) -> list[Content]:
    """Finish many writers; the chunks of small files are looked up together, which takes half as long."""
    contents = []
    for start in range(0, len(writers), TOGETHER):
        batch = writers[start : start + TOGETHER]
        objects.store_chunks({id_: chunk for writer in batch for id_, chunk in writer.rest().items()})
        contents += [writer.content() for writer in batch]
    return contents
