"""Combinations of datum inputs as bytes: many have to be kept at once to be sorted or joined.

Packed, one takes about 150 bytes; as objects it would be a thousand.
"""

from __future__ import annotations

import marshal
from typing import TYPE_CHECKING

from harness.pachd.pps.datums import DatumInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.pachd.pps.datums import Source


class Packing:
    """Packs and unpacks the inputs of one enumeration."""

    def __init__(self) -> None:
        self._sources: list[Source] = []
        self._numbers: dict[Source, int] = {}

    def pack(self, parts: Sequence[DatumInput]) -> bytes:
        """The bytes of these inputs."""
        return marshal.dumps([(self._number(part.source), *part[1:]) for part in parts])

    def unpack(self, packed: bytes) -> tuple[DatumInput, ...]:
        """The inputs that were packed here."""
        fields = marshal.loads(packed)  # noqa: S302 -- our own, of this process
        return tuple(DatumInput(self._sources[number], *rest) for number, *rest in fields)

    def _number(self, source: Source) -> int:
        number = self._numbers.setdefault(source, len(self._sources))
        if number == len(self._sources):
            self._sources.append(source)
        return number
