"""What a finished commit must not contain.

Unlike Pachyderm 2.7, which compares neighbours in sorted order only, this finds every collision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.pfs.paths import as_directory, directories
from harness.pachd.store.trees import EMPTY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
            yield _collision(file)
            return
        begun.append(file)


def _of_new(files: FileSets, root: bytes, base: bytes) -> Iterator[Problem]:
    """The problems that new files have, with each other or with old ones, by looking around each of them."""
    folders: set[str] = set()  # that are no files: most new files lie in the same ones
    for _, new in files.diff(base, root):
        if new is None:
            continue
        datums = [file.datum for file in files.at(root, new.path)]
        if len(datums) > 1:
            yield _duplicate(new.path, *datums[:2])
        for directory in directories(new.path):
            if directory != "/" and directory not in folders:
                if files.at(root, directory[:-1]):
                    yield _collision(new)
                    break
                folders.add(directory)
        below = next(files.walk(root, as_directory(new.path)), None)
        if below:
            yield _collision(below)


def _duplicate(path: str, first: str, second: str) -> Problem:
    return path, second, f"duplicate path output by different datums ({path} from {first} and {path} from {second})"


def _collision(deeper: File) -> Problem:
    return deeper.path, deeper.datum, f"file / directory path collision ({deeper.path})"
