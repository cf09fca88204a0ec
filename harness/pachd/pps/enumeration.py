"""How inputs become datums. All orders are Pachyderm 2.7's."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Protocol

from harness.pachd.pps import inputs
from harness.pachd.pps.datums import Datum, DatumInput, identify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from harness.pachd.pps.datums import Source

    Match = Callable[[Any], "tuple[Source, Iterable[Matched]]"]


class Matched(Protocol):
    """A file or directory that a glob matched; directories' paths end in a slash."""

    @property
    def path(self) -> str:
        """Absolute, in its repo."""

    @property
    def hash(self) -> bytes:
        """PFS's, of its content."""

    @property
    def size(self) -> int:
        """Bytes."""


def enumerate_datums(given: Any, match: Match) -> Iterator[Datum]:
    """The datums of an input (``pps_v2.Input``, defaults filled in) in enumeration order.

    ``match`` gives, for a ``PFSInput``, what its glob matches in the commit to read, in path order.
    """
    for index, parts in enumerate(_combinations(given, match)):
        yield Datum(identify(parts), index, parts)


def _combinations(given: Any, match: Match) -> Iterator[tuple[DatumInput, ...]]:
    if inputs.kind(given) == "pfs":
        source, matched = match(given.pfs)
        for found in matched:
            yield (DatumInput(source, found.path, found.hash, found.size),)
        return
    # A cross: the first child is the outermost loop, and every child goes by datum id, not by path.
    factors = [sorted(_combinations(child, match), key=identify) for child in given.cross]
    for chosen in itertools.product(*factors):
        yield tuple(itertools.chain.from_iterable(chosen))
