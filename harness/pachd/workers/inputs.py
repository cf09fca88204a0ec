"""Input directories on disk: each written once however many datums and workers use it."""

from __future__ import annotations

import itertools
import shutil
import threading
from collections import OrderedDict
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.pachd.workers.contract import Input

_BLOCK = 4096  # bytes of disk that even the smallest file takes
LIMIT = 8 << 30


class Exporter(Protocol):
    """Where contents come from; the object store is one."""

    def export(self, hash: bytes, path: Path) -> None:  # noqa: A002 -- the store's word
        """Write the content named ``hash`` to a plain file."""


@dataclass
class Copy:
    """A materialised input: ``folder`` holds its files once ``ready``, ``size`` their bytes."""

    folder: Path
    size: int = 0
    weight: int = 0
    users: int = 0
    ready: bool = False
    filling: threading.Lock = field(default_factory=threading.Lock)


class InputCache:
    """Materialised inputs by key, for as long as the server lives.

    Least recently used ones are removed while all of them take more than ``limit`` bytes; those in use stay. Nothing
    is taken over from an earlier server: what a crash of the machine left on disk cannot be trusted.
    """

    def __init__(self, root: Path, objects: Exporter, limit: int = LIMIT) -> None:
        self._root = root
        self._objects = objects
        self._limit = limit
        self._copies: OrderedDict[str, Copy] = OrderedDict()
        self._names = itertools.count()
        self._lock = threading.Lock()
        root.mkdir(mode=0o700, parents=True)

    @contextmanager
    def hold(self, wanted: Input) -> Iterator[Copy]:
        """The copy of ``wanted``, made if there is none; it stays while the block runs. Raises OSError."""
        with self._lock:
            copy = self._copies.get(wanted.key)
            if copy is None:
                copy = self._copies[wanted.key] = Copy(self._root / f"{next(self._names):x}")
            self._copies.move_to_end(wanted.key)
            copy.users += 1
        try:
            with copy.filling:
                if not copy.ready:
                    self._fill(copy, wanted)
            yield copy
        finally:
            with self._lock:
                copy.users -= 1
                surplus = self._surplus()
            for old in surplus:
                shutil.rmtree(old.folder, ignore_errors=True)

    def _fill(self, copy: Copy, wanted: Input) -> None:
        shutil.rmtree(copy.folder, ignore_errors=True)  # of an attempt that failed
        copy.folder.mkdir()
        size = count = 0
        for path, content in wanted.files():
            file = copy.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            self._objects.export(content, file)
            size += file.stat().st_size
            count += 1
        copy.size, copy.weight, copy.ready = size, size + (count + 1) * _BLOCK, True

    def _surplus(self) -> list[Copy]:
        """Take out what is too much, and what could not be filled."""
        surplus = []
        total = sum(copy.weight for copy in self._copies.values())
        for key, copy in list(self._copies.items()):
            if copy.users == 0 and (total > self._limit or not copy.ready):
                surplus.append(self._copies.pop(key))
                total -= copy.weight
        return surplus
