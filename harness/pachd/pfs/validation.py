"""What a finished commit must not contain.

Unlike Pachyderm 2.7, which compares neighbours in sorted order only, this finds every collision.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from harness.pachd.pfs.entries import path_and_datum, range_at, range_of
from harness.pachd.pfs.paths import as_directory, directories
from harness.pachd.store.trees import EMPTY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from harness.pachd.pfs.entries import File
    from harness.pachd.pfs.filesets import FileSets

    # The later file of the two that do not go together, by path and datum, and the text.
    Problem = tuple[str, str, str]


def problem(files: FileSets, root: bytes, base: bytes) -> str:
    """The text of the first problem in path order, or an empty one; see ``FileSets.problems``."""
    found = _of_all(files.walk(root)) if base == EMPTY else _of_new(files, root, base)
    return min(found, default=("", "", ""))[2]


def _of_all(files: Iterable[File]) -> Iterator[Problem]:
    """The first problem of files that are all new, in one pass."""
    begun: list[File] = []  # files whose path the present one begins with; only the last can be its directory
    for file in files:
        while begun and not file.path.startswith(begun[-1].path):
            begun.pop()
        if begun and begun[-1].path == file.path:
            yield _duplicate(file.path, begun[-1].datum, file.datum)
            return
        if begun and file.path.startswith(as_directory(begun[-1].path)):
            yield _collision(file.path, file.datum)
            return
        begun.append(file)


def _of_new(files: FileSets, root: bytes, base: bytes) -> Iterator[Problem]:
    """The problems that new files have, with each other or with old ones, by looking around each of them."""
    folders: set[str] = set()  # that are no files: most new files lie in the same ones
    near = _Near(files, root)
    for _, new in files.diff(base, root):
        if new is None:
            continue
        low, high = range_at(new.path)
        first = near.first(low, high) or b""
        second = near.first(first + b"\0", high)
        if second:
            yield _duplicate(new.path, path_and_datum(first)[1], path_and_datum(second)[1])
        for directory in directories(new.path):
            if directory != "/" and directory not in folders:
                if near.first(*range_at(directory[:-1])):
                    yield _collision(new.path, new.datum)
                    break
                folders.add(directory)
        below = near.first(*range_of(as_directory(new.path)))
        if below:
            yield _collision(*path_and_datum(below))


class _Near:
    """Looks up keys of a file set; those that lie close to the last one cost next to nothing."""

    def __init__(self, files: FileSets, root: bytes) -> None:
        self._files = files
        self._root = root
        self._keys: Sequence[bytes] = ()

    def first(self, low: bytes, high: bytes) -> bytes | None:
        """The first key that is there with ``low <= key < high``."""
        if not self._keys or not self._keys[0] <= low <= self._keys[-1]:
            self._keys = self._files.some_keys(self._root, low)
        place = bisect_left(self._keys, low)
        return self._keys[place] if place < len(self._keys) and self._keys[place] < high else None


def _duplicate(path: str, first: str, second: str) -> Problem:
    return path, second, f"duplicate path output by different datums ({path} from {first} and {path} from {second})"


def _collision(path: str, datum: str) -> Problem:
    return path, datum, f"file / directory path collision ({path})"
