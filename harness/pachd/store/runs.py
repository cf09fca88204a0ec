"""Chunks that lie one behind the other in a pack, as they were put: they are read in one go."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from harness.pachd.store.packs import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Run = list[tuple[bytes, Place]]  # ids and places


def runs(chunks: Iterable[tuple[bytes, Place]], most: int) -> Iterator[Run]:
    """``chunks`` in runs of up to ``most`` bytes, or of one chunk."""
    run: Run = []
    size = 0
    for id_, place in chunks:
        if run and (place != _behind(run[-1][1], place.length) or size + place.length > most):
            yield run
            run, size = [], 0
        run.append((id_, place))
        size += place.length
    if run:
        yield run


def whole(run: Run) -> Place:
    """Where a run lies."""
    first, last = run[0][1], run[-1][1]
    return Place(first.pack, first.offset, last.offset + last.length - first.offset)


def intact(run: Run, data: bytes) -> bool:
    """Whether ``data`` are the bytes of these chunks."""
    view, start = memoryview(data), run[0][1].offset
    return all(
        hashlib.sha256(view[place.offset - start : place.offset - start + place.length]).digest() == id_
        for id_, place in run
    )


def _behind(place: Place, length: int) -> Place:
    return Place(place.pack, place.offset + place.length, length)
