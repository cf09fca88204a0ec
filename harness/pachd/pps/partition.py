"""Cutting the datums that are to be executed into sets, the units of work that workers take (Pachyderm 2.7's rule)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PER_WORKER = 4


def lengths(spec: Any, sizes: Iterable[int], number: int, workers: int) -> Iterator[int]:
    """How many datums each set has, in order; the last may have fewer.

    ``spec`` is a ``pps_v2.DatumSetSpec``, ``sizes`` the bytes of each datum's inputs, ``number`` how many datums there
    are. Sets are closed by the spec's number or bytes, whichever comes first. Where it says neither, each of the
    ``workers`` gets ``per_worker`` sets.
    """
    most = spec.number
    if not most and not spec.size_bytes:
        most = max(number // (workers * (spec.per_worker or PER_WORKER)), 1)
    length = held = 0
    for size in sizes:
        length, held = length + 1, held + size
        if length == most or 0 < spec.size_bytes <= held:
            yield length
            length = held = 0
    if length:
        yield length
