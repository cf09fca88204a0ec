"""What differs between two file sets, as DiffFile tells it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from harness.pachd.pfs.entries import path_and_datum
from harness.pachd.pfs.folders import Folders, Node, node_at
from harness.pachd.pfs.paths import as_directory, directories, to_read
from harness.pachd.pfs.reading import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    return _changed(files, new_root, old_root, path)


def _changed(files: FileSets, new_root: bytes, old_root: bytes, path: str) -> Iterator[tuple[Node | None, Node | None]]:
    """The changes at or below ``path``, each behind the directories that it lies in."""
    base = as_directory(path)
    news, olds = (Folders(files, root, lambda _path: True) for root in (new_root, old_root))
    above = ""
    for changed, changes in groupby(files.changes(old_root, new_root, path), key=_path):
        if changed != path and not changed.startswith(base):
            continue
        parent = changed[: changed.rindex("/") + 1]
        if changed != path and parent != above:
            for directory in directories(changed, base):
                if not above.startswith(directory):
                    yield from _pair(_if_there(news.node(directory)), _if_there(olds.node(directory)))
            above = parent
        (key, before, now), *others = changes
        if not others:  # only one datum has it, as most often
            yield node_at(key, now) if now else None, node_at(key, before) if before else None
            continue
        entries = [(key, before, now), *others]
        yield from _pair(
            (node_at(key, now) for key, _, now in entries if now), (node_at(key, old) for key, old, _ in entries if old)
        )


def _path(change: tuple[bytes, bytes | None, bytes | None]) -> str:
    return path_and_datum(change[0])[0]


def _if_there(node: Node | None) -> Iterator[Node]:
    return iter(() if node is None else (node,))


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
