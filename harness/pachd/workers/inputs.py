"""Input directories on disk: each written once however many datums and workers use it."""

from __future__ import annotations

import itertools
import os
import shutil
import threading
from collections import OrderedDict
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from harness.pachd.store.disk import telling_full

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.pachd.workers.contract import Input

_BLOCK = 4096  # bytes of disk that even the smallest file takes
LIMIT = 8 << 30
_MOST_SPARE = 10  # empty folders
MOST = 1000  # a busy disk removes a few hundred folders a second, and whoever stops the server waits for it


class Exporter(Protocol):
    """Where contents come from; the object store is one."""

    def export(self, hash: bytes, path: str) -> int:  # noqa: A002 -- the store's word
        """Write the content named ``hash`` to a plain file; how many bytes it has."""

    def read(self, hash: bytes) -> Iterator[bytes]:  # noqa: A002 -- as above
        """The content named ``hash`` in pieces."""


@dataclass
class Copy:
    """A materialised input: ``folder`` holds its files once ``ready``, ``size`` their bytes.

    ``only`` is the path of its only file, where it has one and no folders.
    """

    folder: Path
    only: str = ""
    size: int = 0
    weight: int = 0
    users: int = 0
    ready: bool = False
    filling: threading.Lock = field(default_factory=threading.Lock)


class InputCache:
    """Materialised inputs by key, for as long as the server lives.

    Least recently used ones are removed while all of them take more than ``limit`` bytes, or more than ``most`` are not
    in use; those in use stay. Nothing is taken over from an earlier server: what a crash of the machine left on disk
    cannot be trusted.
    """

    def __init__(self, root: Path, objects: Exporter, limit: int = LIMIT, most: int = MOST) -> None:
        self._root = root
        self.objects = objects
        self._limit = limit
        self._most = most
        self._held: dict[str, Copy] = {}
        self._idle: OrderedDict[str, Copy] = OrderedDict()  # least recently used first
        self._total = 0  # the weight of all that are ready
        self._names = itertools.count()
        self._spare: list[Path] = []
        self._lock = threading.Lock()
        root.mkdir(mode=0o700, parents=True)

    @contextmanager
    def hold(self, wanted: Input) -> Iterator[Copy]:
        """The copy of ``wanted``, made if there is none; it stays while the block runs. Raises DISK_FULL, OSError."""
        copy = self._take(wanted.key)
        try:
            with copy.filling:
                if not copy.ready:
                    self._fill(copy, wanted)
            yield copy
        finally:
            for old in self._release(wanted.key, copy):
                self._remove(old)

    def _take(self, key: str) -> Copy:
        with self._lock:
            copy = self._held.get(key) or self._idle.pop(key, None) or Copy(self._folder())
            self._held[key] = copy
            copy.users += 1
            return copy

    def _folder(self) -> Path:
        return self._spare.pop() if self._spare else self._root / f"{next(self._names):x}"

    def _release(self, key: str, copy: Copy) -> list[Copy]:
        """Give ``copy`` back; what has to be removed now: it could not be filled, or there is too much."""
        with self._lock:
            copy.users -= 1
            if copy.users:
                return []
            del self._held[key]
            if not copy.ready:
                return [copy]
            self._idle[key] = copy
            surplus = []
            while len(self._idle) > self._most or (self._idle and self._total > self._limit):
                _, old = self._idle.popitem(last=False)
                self._total -= old.weight
                surplus.append(old)
            return surplus

    def _fill(self, copy: Copy, wanted: Input) -> None:
        folder = _make(copy)
        size = count = 0
        path = above = ""
        with telling_full():
            for path, content in wanted.files():
                if "/" in path:
                    above = path.rpartition("/")[0]
                    os.makedirs(f"{folder}/{above}", exist_ok=True)
                size += self.objects.export(content, f"{folder}/{path}")
                count += 1
        copy.size, copy.weight = size, size + (count + 1) * _BLOCK
        copy.only = f"{folder}/{path}" if count == 1 and not above else ""
        with self._lock:
            self._total += copy.weight
        copy.ready = True

    def _remove(self, copy: Copy) -> None:
        """Of most copies, which are of one file, the folder is used again: making them is what takes longest."""
        if copy.only:
            with suppress(OSError):
                os.unlink(copy.only)
                os.rmdir(copy.folder) if len(self._spare) >= _MOST_SPARE else self._spare.append(copy.folder)
                return
        shutil.rmtree(copy.folder, ignore_errors=True)


def _make(copy: Copy) -> str:
    folder = str(copy.folder)
    try:
        os.mkdir(folder)
    except FileExistsError:  # a spare one, or one of an attempt that failed
        if os.listdir(folder):
            shutil.rmtree(folder, ignore_errors=True)
            os.mkdir(folder)
    return folder
