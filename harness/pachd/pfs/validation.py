"""What a finished commit must not contain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.pfs.paths import as_directory, directories

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.pachd.pfs.entries import File
    from harness.pachd.pfs.filesets import FileSets


def problem(files: FileSets, root: bytes, base: bytes) -> str:
    """The text of the first problem in path order, or an empty one; see ``FileSets.problems``.

    Unlike Pachyderm 2.7, which compares neighbours only, this finds every collision.
    """
    news = (new for _, new in files.diff(base, root) if new is not None)
    found = (found for new in news for found in (*_duplicates(files, root, new), *_collisions(files, root, new)))
    return min(found, default=("", "", ""))[2]


def _duplicates(files: FileSets, root: bytes, new: File) -> Iterator[tuple[str, str, str]]:
    datums = [file.datum for file in files.at(root, new.path)]
    if len(datums) > 1:
        first, second = datums[:2]
        text = f"({new.path} from {first} and {new.path} from {second})"
        yield new.path, second, f"duplicate path output by different datums {text}"


def _collisions(files: FileSets, root: bytes, new: File) -> Iterator[tuple[str, str, str]]:
    """Collisions of ``new`` as the deeper and as the shallower entry."""
    below = next(files.walk(root, as_directory(new.path)), None)
    above = any(files.at(root, directory[:-1]) for directory in directories(new.path) if directory != "/")
    for deeper in (below, new if above else None):
        if deeper is not None:
            yield deeper.path, deeper.datum, f"file / directory path collision ({deeper.path})"
