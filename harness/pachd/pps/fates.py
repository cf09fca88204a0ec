"""What becomes of each datum of a job, by comparison with the job's base."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Fate(IntEnum):
    """A datum that is skipped has none."""

    NEW = 1  # executed; the base does not have it
    CHANGED = 2  # executed again; what it gave in the base goes
    GONE = 3  # only the base has it; what it gave there goes


def compare(
    ours: Iterable[tuple[bytes, bytes]], base: Iterable[tuple[bytes, bytes]], *, skip: bool
) -> Iterator[tuple[bytes, Fate]]:
    """The fates of a job's datums, in order of their ids.

    Both sides are ids and hashes of datums in order of the ids. Without ``skip`` every datum of both has changed.
    """
    others = iter(base)
    other = next(others, None)
    for id_, hash_ in ours:
        while other is not None and other[0] < id_:
            yield other[0], Fate.GONE
            other = next(others, None)
        if other is None or other[0] != id_:
            yield id_, Fate.NEW
            continue
        if not skip or other[1] != hash_:
            yield id_, Fate.CHANGED
        other = next(others, None)
    while other is not None:
        yield other[0], Fate.GONE
        other = next(others, None)
