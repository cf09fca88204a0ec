"""Storing what a command left in ``/pfs/out``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.store.contents import TOGETHER, Content, finish_all

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.pachd.store.contents import Writer
    from harness.pachd.store.objects import Objects

_PIECE = 1 << 20
_MOST_BYTES = 8 << 20  # that wait in memory for others to be stored with


def store(objects: Objects, found: Iterable[tuple[str, str | Content]]) -> list[tuple[str, Content]]:
    """Store every file; what is a content already costs nothing. Small files are stored many at once.

    Raises OSError, and DISK_FULL.
    """
    stored: list[tuple[str, Content]] = []
    waiting: list[tuple[str, Writer]] = []
    held = 0
    for path, what in found:
        if isinstance(what, Content):
            stored.append((path, objects.held(what)))
            continue
        writer = _read(objects, what)
        waiting.append((path, writer))
        held += writer.held
        if len(waiting) == TOGETHER or held > _MOST_BYTES:
            stored += _finish(objects, waiting)
            waiting, held = [], 0
    return stored + _finish(objects, waiting)


def _read(objects: Objects, path: str) -> Writer:
    writer = objects.writer()
    with open(path, "rb", buffering=0) as file:
        while piece := file.read(_PIECE):
            writer.write(piece)
    return writer


def _finish(objects: Objects, waiting: list[tuple[str, Writer]]) -> list[tuple[str, Content]]:
    contents = finish_all(objects, [writer for _, writer in waiting])
    return [(path, content) for (path, _), content in zip(waiting, contents, strict=True)]
