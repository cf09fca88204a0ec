"""From a stream of files to files and directories, with the sizes and hashes of the directories."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.pachd.pfs.paths import directories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from harness.pachd.pfs.entries import File


@dataclass(frozen=True)
class Node:
    """A file or a directory.

    A directory's ``path`` ends in a slash, its ``datum`` is empty, its ``size`` the sum of the bytes below and its
    ``hash`` the sha256 of its direct children's hashes in path order; names are not part of it (Pachyderm 2.7).
    """

    path: str
    datum: str
    is_dir: bool
    size: int
    hash: bytes


def node_of(file: File) -> Node:
    """The node of a file."""
    return Node(file.path, file.datum, False, file.content.size, file.content.hash)


def outline(files: Iterable[File], base: str, wanted: Callable[[str], bool]) -> Iterator[Node]:
    """The wanted files and directories, in path order, out of ``files`` (in path order, all below ``base``).

    A directory comes before what it holds, but is known only afterwards: everything behind the first wanted directory
    that is still open waits in memory. ``base`` itself is the outermost directory.
    """
    outline_ = _Outline(wanted)
    for file in files:
        outline_.close_all_but(file.path)
        outline_.open_for(file.path, base)
        outline_.add(node_of(file))
        yield from outline_.ready()
    outline_.close_all_but("")
    yield from outline_.ready()


@dataclass
class _Directory:
    path: str
    place: int | None  # in the waiting list, where it is wanted
    size: int = 0
    hasher: Any = field(default_factory=hashlib.sha256)


class _Outline:
    def __init__(self, wanted: Callable[[str], bool]) -> None:
        self._wanted = wanted
        self._open: list[_Directory] = []
        self._waiting: list[Node | None] = []
        self._gaps = 0

    def close_all_but(self, path: str) -> None:
        """Close the directories that are not above ``path``."""
        while self._open and not path.startswith(self._open[-1].path):
            done = self._open.pop()
            node = Node(done.path, "", True, done.size, done.hasher.digest())
            self._count(node)
            if done.place is not None:
                self._waiting[done.place] = node
                self._gaps -= 1

    def open_for(self, path: str, base: str) -> None:
        """Open the directories above ``path`` that are not open."""
        known = self._open[-1].path if self._open else ""
        for directory in directories(path, known or base):
            if directory == known:
                continue
            place = len(self._waiting) if self._wanted(directory) else None
            if place is not None:
                self._waiting.append(None)
                self._gaps += 1
            self._open.append(_Directory(directory, place))

    def add(self, file: Node) -> None:
        self._count(file)
        if self._wanted(file.path):
            self._waiting.append(file)

    def ready(self) -> list[Node]:
        """What waits for no directory any more."""
        if self._gaps or not self._waiting:
            return []
        ready = [node for node in self._waiting if node is not None]
        self._waiting.clear()
        return ready

    def _count(self, child: Node) -> None:
        if self._open:
            self._open[-1].size += child.size
            self._open[-1].hasher.update(child.hash)
