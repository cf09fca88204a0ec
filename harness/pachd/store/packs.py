"""Pack files: chunks of bytes, one after another, appended and never rewritten."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.pachd.errors import pfs as errors
from harness.pachd.errors import server as server_errors
from harness.pachd.store.disk import make_folder, sync_folder, telling_full

if TYPE_CHECKING:
    from pathlib import Path

PACK_BYTES = 256 * 2**20  # a pack that is at least this long gets no more chunks
RESERVED_BYTES = 8 * 2**20  # of the disk: deleting something, which makes room, needs some room itself


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
        make_folder(folder)
        self._folder = folder
        self._pack_bytes = pack_bytes
        self._lock = threading.Lock()
        self._files: dict[int, _File] = {}
        self._syncing = threading.Lock()
        self._unsynced: set[int] = set()
        self._appended = 0  # chunks so far, and how many of them are synced
        self._synced = 0
        self._doubtful: set[int] = set()
        self._pack = max(self.sizes(), default=0)
        self._end = os.fstat(self._file(self._pack).handle).st_size

    def append(self, data: bytes | memoryview) -> Place:
        """Write ``data`` behind everything else; on disk for sure only after :meth:`sync`. Raises DISK_FULL."""
        with self._lock, telling_full():
            if self._end >= self._pack_bytes:
                self._begin_pack()
            place = Place(self._pack, self._end, len(data))
            handle = self._file(self._pack).handle
            rest = memoryview(data)
            while rest:  # the end moves only after all was written: a full disk leaves it where it was
                rest = rest[os.pwrite(handle, rest, place.offset + place.length - len(rest)) :]
            self._end += place.length
            self._appended += 1
            self._unsynced.add(self._pack)
            return place

    def check_room(self) -> None:
        """Raise DISK_FULL where uploads would take the last room that there is on the disk."""
        disk = os.statvfs(self._folder)
        if disk.f_bavail * disk.f_frsize < RESERVED_BYTES:
            raise server_errors.DISK_FULL()

    def read(self, place: Place) -> bytes:
        """The bytes at ``place``. Raises PACK_DAMAGED where the file ends before them, and PACK_UNREADABLE."""
        with self._lock:
            file = self._file(place.pack)
        try:
            data = os.pread(file.handle, place.length, place.offset)
        except OSError as error:
            told = {"pack": self.name(place.pack), "offset": place.offset, "length": place.length}
            raise errors.PACK_UNREADABLE(**told, reason=error.strerror) from error
        if len(data) != place.length:
            raise errors.PACK_DAMAGED(
                pack=self.name(place.pack),
                offset=place.offset,
                expected=place.length,
                actual=len(data),
            )
        return data

    def sync(self) -> None:
        """Return when everything that was appended before the call survives a power failure.

        Callers share their waits: whoever finds another one syncing is done where the next sync, whoever's, covers
        it. Raises DISK_FULL or OSError; the packs are then :meth:`doubtful`, because the system may have dropped what
        it could not write and will not say so again.
        """
        with self._lock:
            wanted = self._appended
        with self._syncing:
            with self._lock:
                if self._synced >= wanted:
                    return
                files = {pack: self._file(pack) for pack in self._unsynced}
                covered = self._appended
                self._unsynced.clear()
            try:
                with telling_full():
                    for file in files.values():
                        os.fsync(file.handle)
            except BaseException:
                with self._lock:
                    self._doubtful.update(files)
                    self._begin_pack()
                raise
            with self._lock:
                self._synced = covered

    def doubtful(self, pack: int) -> bool:
        """Whether chunks of this pack may be lost unless they were synced before it became so."""
        return pack in self._doubtful

    def name(self, pack: int) -> str:
        """The file name of a pack."""
        return f"{pack:08}.pack"

    def sizes(self) -> dict[int, int]:
        """The packs that are there, with the lengths of their files in bytes."""
        return {int(path.stem): path.stat().st_size for path in self._folder.glob("*.pack") if path.stem.isdecimal()}

    @property
    def current(self) -> int:
        """The pack to which chunks are appended."""
        return self._pack

    def seal(self) -> None:
        """Append to a new pack from now on."""
        with self._lock:
            self._begin_pack()

    def remove(self, pack: int) -> None:
        """Delete a sealed pack that nothing refers to any more; whoever is reading it may finish."""
        with self._lock:
            self._files.pop(pack, None)
            self._unsynced.discard(pack)
            (self._folder / self.name(pack)).unlink()
        sync_folder(self._folder)

    def close(self) -> None:
        """Close the files."""
        with self._lock:
            self._files.clear()

    def _begin_pack(self) -> None:
        self._pack, self._end = self._pack + 1, 0

    def _file(self, pack: int) -> _File:
        """The open file of a pack that exists or is the one to append to. Raises PACK_DAMAGED for a lost one."""
        file = self._files.get(pack)
        if file is None:
            path = self._folder / self.name(pack)
            if pack != self._pack and not path.exists():
                raise errors.PACK_DAMAGED(pack=path.name, offset=0, expected="some", actual="no")
            file = _File(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            if pack == self._pack:  # it may be new
                sync_folder(self._folder)
            self._files[pack] = file
        return file


class _File:
    """An open file, closed when nobody holds it any more."""

    __slots__ = ("handle",)

    def __init__(self, handle: int) -> None:
        self.handle = handle

    def __del__(self) -> None:
        os.close(self.handle)
