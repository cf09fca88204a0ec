"""Pack files: chunks of bytes, one after another, appended and never rewritten."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.pachd.errors import pfs as errors

if TYPE_CHECKING:
    from pathlib import Path

PACK_BYTES = 256 * 2**20  # a pack that is at least this long gets no more chunks


@dataclass(frozen=True)
class Place:
    """Where a chunk lies: ``length`` bytes at ``offset`` of pack number ``pack``."""

    pack: int
    offset: int
    length: int


class Packs:
    """The packs in one folder.

    Whatever lies behind the last acknowledged chunk (the tail that a crash left) is skipped, not repaired: nothing
    refers to it. Safe to use from several threads.
    """

    def __init__(self, folder: Path, pack_bytes: int = PACK_BYTES) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._pack_bytes = pack_bytes
        self._lock = threading.Lock()
        self._files: dict[int, int] = {}
        self._unsynced: set[int] = set()
        self._pack = max((int(path.stem) for path in folder.glob("*.pack") if path.stem.isdecimal()), default=0)
        self._end = os.fstat(self._file(self._pack)).st_size

    def append(self, data: bytes | memoryview) -> Place:
        """Write ``data`` behind everything else; on disk for sure only after :meth:`sync`."""
        with self._lock:
            if self._end >= self._pack_bytes:
                self._pack, self._end = self._pack + 1, 0
            place = Place(self._pack, self._end, len(data))
            file = self._file(self._pack)
            rest = memoryview(data)
            while rest:  # the end moves only after all was written: a full disk leaves it where it was
                rest = rest[os.pwrite(file, rest, place.offset + place.length - len(rest)) :]
            self._end += place.length
            self._unsynced.add(self._pack)
            return place

    def read(self, place: Place) -> bytes:
        """The bytes at ``place``. Raises PACK_DAMAGED where the file ends before them."""
        with self._lock:
            file = self._file(place.pack)
        data = os.pread(file, place.length, place.offset)
        if len(data) != place.length:
            raise errors.PACK_DAMAGED(
                pack=self._path(place.pack).name,
                offset=place.offset,
                expected=place.length,
                actual=len(data),
            )
        return data

    def sync(self) -> None:
        """Return when everything that was appended before the call survives a power failure."""
        with self._lock:
            packs = {pack: self._file(pack) for pack in self._unsynced}
            self._unsynced.clear()
        try:
            for file in packs.values():
                os.fsync(file)
        except OSError:
            with self._lock:
                self._unsynced.update(packs)
            raise

    def close(self) -> None:
        """Close the files."""
        with self._lock:
            for file in self._files.values():
                os.close(file)
            self._files.clear()

    def _path(self, pack: int) -> Path:
        return self._folder / f"{pack:08}.pack"

    def _file(self, pack: int) -> int:
        """The open file of a pack that exists or is the one to append to. Raises PACK_DAMAGED for a lost one."""
        if pack not in self._files:
            path = self._path(pack)
            fresh = not path.exists()
            if fresh and pack != self._pack:
                raise errors.PACK_DAMAGED(pack=path.name, offset=0, expected="some", actual="no")
            self._files[pack] = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            if fresh:
                self._sync_folder()
        return self._files[pack]

    def _sync_folder(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
