"""What differs between two file sets, as DiffFile tells it."""

from __future__ import annotations

from heapq import merge
from operator import attrgetter
from typing import TYPE_CHECKING

from harness.pachd.pfs.outline import Node, node_of, outline
from harness.pachd.pfs.paths import as_directory, directories, to_read
from harness.pachd.pfs.reading import walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.pachd.pfs.entries import File
    from harness.pachd.pfs.filesets import FileSets


def diff(
    files: FileSets, new_root: bytes, new_path: str, old_root: bytes, old_path: str
) -> Iterator[tuple[Node | None, Node | None]]:
    """(new, old) of every path that differs at or below the given ones, directories included, in path order.

    Entries are paired by their full path, so different base paths give one-sided pairs, and equal content from
    different datums no pair at all. Missing paths are empty.
    """
    path = to_read(new_path)
    if path != to_read(old_path):
        return _pair(walk(files, new_root, new_path), walk(files, old_root, old_path))
    base = as_directory(path)
    changes = [change for change in files.diff(old_root, new_root, path) if _concerns(change, path, base)]
    changed = {file.path for change in changes for file in change if file and file.path != path}
    above = {directory for file in changed for directory in directories(file, base)}
    return _pair(
        _nodes(files, new_root, base, above, (new for _, new in changes)),
        _nodes(files, old_root, base, above, (old for old, _ in changes)),
    )


def _concerns(change: tuple[File | None, File | None], path: str, base: str) -> bool:
    return any(file and (file.path == path or file.path.startswith(base)) for file in change)


def _nodes(files: FileSets, root: bytes, base: str, above: set[str], changed: Iterable[File | None]) -> Iterator[Node]:
    """The changed files of one side, and the directories above changed files as they are on that side."""
    folders = outline(files.walk(root, base), base, above.__contains__) if above else iter(())
    return merge(folders, (node_of(file) for file in changed if file), key=attrgetter("path"))


def _pair(news: Iterator[Node], olds: Iterator[Node]) -> Iterator[tuple[Node | None, Node | None]]:
    new, old = next(news, None), next(olds, None)
    while new or old:
        if old is None or (new is not None and new.path < old.path):
            yield new, None
            new = next(news, None)
        elif new is None or old.path < new.path:
            yield None, old
            old = next(olds, None)
        else:
            if new.hash != old.hash:
                yield new, old
            new, old = next(news, None), next(olds, None)
