"""The sizes and hashes of directories."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from harness.pachd.pfs.entries import path_and_datum
from harness.pachd.pfs.paths import directories
from harness.pachd.store.nodes import hash_of, size_of, totals

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.pachd.pfs.entries import File
    from harness.pachd.pfs.filesets import FileSets


LARGE_LEAVES = 100  # what has more is remembered: milliseconds


class Node(NamedTuple):
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


def node_at(key: bytes, value: bytes) -> Node:
    """The node of a file's entry."""
    return Node(*path_and_datum(key), False, size_of(value), hash_of(value))


class Folders:
    """The directories of one file set, asked for in path order.

    A directory comes before what it holds in every answer, but follows from all of that. So the first that is asked
    for is computed by looking ahead over everything below it, and with it the ``wanted`` ones among that.
    """

    def __init__(self, files: FileSets, root: bytes, wanted: Callable[[str], bool]) -> None:
        self._files = files
        self._root = root
        self._wanted = wanted
        self._ahead: dict[str, Node] = {}

    def node(self, path: str) -> Node | None:
        """The directory at ``path``, which ends in a slash; None where no files are below it."""
        if path not in self._ahead:
            known = self._files.large.get((self._root, path))
            if known is not None:
                return known
            self._ahead = self._look_ahead(path)
        return self._ahead.pop(path, None)

    def _look_ahead(self, path: str) -> dict[str, Node]:
        summary = _Summary(path, self._wanted)
        number = 0
        for number, (keys, values) in enumerate(self._files.leaves(self._root, path)):  # noqa: B007 -- their number is needed
            summary.add(keys, values)
        found = summary.finish()
        if number > LARGE_LEAVES:
            self._files.large.update({(self._root, path): found[path]})
        return found


@dataclass
class _Open:
    path: str
    start: bytes
    size: int = 0
    hasher: Any = field(default_factory=hashlib.sha256)

    def add(self, hashes: bytes, size: int) -> None:
        self.hasher.update(hashes)
        self.size += size


class _Summary:
    """One pass over the files below a directory."""

    def __init__(self, path: str, wanted: Callable[[str], bool]) -> None:
        self._outermost = path
        self._wanted = wanted
        self._open: list[_Open] = []
        self._closed: dict[str, Node] = {}

    def add(self, keys: Sequence[bytes], values: Sequence[bytes]) -> None:
        """Add entries in order."""
        if self._open and _all_in(self._open[-1].start, keys):  # no need to look at each: large directories are common
            self._open[-1].add(*totals(values))
            return
        for key, value in zip(keys, values, strict=True):
            while self._open and not key.startswith(self._open[-1].start):
                self._close()
            end = key.index(b"\0")
            if not self._open or key.find(b"/", len(self._open[-1].start), end) >= 0:
                self._descend(key[:end].decode())
            self._open[-1].add(hash_of(value), size_of(value))

    def finish(self) -> dict[str, Node]:
        """The outermost and the wanted directories by path."""
        while self._open:
            self._close()
        return self._closed

    def _descend(self, path: str) -> None:
        known = self._open[-1].path if self._open else ""
        for directory in directories(path, known or self._outermost):
            if directory != known:
                self._open.append(_Open(directory, directory.encode()))

    def _close(self) -> None:
        done = self._open.pop()
        digest = done.hasher.digest()
        if self._open:
            self._open[-1].add(digest, done.size)
        if not self._open or self._wanted(done.path):
            self._closed[done.path] = Node(done.path, "", True, done.size, digest)


def _all_in(directory: bytes, keys: Sequence[bytes]) -> bool:
    """Whether the sorted ``keys`` are all of files directly in ``directory``."""
    if not (keys[0].startswith(directory) and keys[-1].startswith(directory)):
        return False
    return b"".join(keys).count(b"/") == directory.count(b"/") * len(keys)
