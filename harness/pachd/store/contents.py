"""What files hold: finished contents, and those in the making."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.pachd.store.chunking import Cutter
from harness.pachd.store.pins import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.pachd.store.objects import Objects


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
