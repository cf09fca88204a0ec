"""Bringing the inputs together that have a key in common, as joins and groups do."""

from __future__ import annotations

import hashlib
import itertools
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.pachd.pps.datums import DatumInput
    from harness.pachd.pps.packing import Packing

_KEY = 16  # bytes of a key's hash
_PLACE = struct.Struct(">HQ")  # the child's number, how many came before
_HEAD = _KEY + _PLACE.size


class Gathering:
    """Inputs by key and child. Holds them packed, in one list that is sorted once: keys come in the order of hashes."""

    def __init__(self, packing: Packing, children: int) -> None:
        self._packing = packing
        self._children = children
        self._records: list[bytes] = []

    def add(self, key: str, child: int, part: DatumInput) -> None:
        """Take in an input of the child with that number; inputs of a child come in its order."""
        place = _PLACE.pack(child, len(self._records))
        hash_ = hashlib.blake2b(key.encode(), digest_size=_KEY).digest()
        self._records.append(hash_ + place + self._packing.pack([part]))

    def by_key(self) -> Iterator[list[list[DatumInput]]]:
        """For each key its inputs, a list for each child."""
        self._records.sort()
        for _, records in itertools.groupby(self._records, key=lambda record: record[:_KEY]):
            lists: list[list[DatumInput]] = [[] for _ in range(self._children)]
            for record in records:
                child, _ = _PLACE.unpack_from(record, _KEY)
                lists[child].extend(self._packing.unpack(record[_HEAD:]))
            yield lists
