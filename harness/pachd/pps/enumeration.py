"""How inputs become datums, nested at will. Rules and orders are Pachyderm 2.7's.

Inputs that only list files stream. What has to be sorted or brought together is kept packed while it is gone through:
all children of a cross and of a join or group, and the ids that a union, join or group has given.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Protocol

from harness.pachd.pfs import globs, reading
from harness.pachd.pps import inputs
from harness.pachd.pps.datums import Datum, DatumInput, Source, digest, identify
from harness.pachd.pps.gathering import Gathering
from harness.pachd.pps.packing import Packing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from harness.pachd.pfs.filesets import FileSets
    from harness.pachd.pfs.keys import Commit

    Match = Callable[[Any], "tuple[Source, Iterable[Matched]]"]
    Combinations = Iterator[tuple[DatumInput, ...]]

_DIGEST = 32  # bytes


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

    ``match`` gives, for a ``PFSInput``, what its glob matches in the commit to read, in path order; see
    :func:`matching`. Raises GLOB_INVALID, GLOB_TOO_LONG.
    """
    for index, parts in enumerate(_Enumeration(match).combinations(given)):
        yield Datum(identify(parts), index, parts)


def matching(files: FileSets, read: Callable[[Any], tuple[Commit, bytes]]) -> Match:
    """How to match in commits; ``read`` gives the one that a leaf reads, and the root of its content."""

    def match(leaf: Any) -> tuple[Source, Iterable[Matched]]:
        source = Source(leaf, *read(leaf))
        return source, reading.glob(files, source.root, leaf.glob)

    return match


class _Enumeration:
    """One enumeration. The methods give combinations of inputs, each to become a datum, in the order of datums."""

    def __init__(self, match: Match) -> None:
        self._match = match
        self._packing = Packing()

    def combinations(self, given: Any) -> Combinations:
        kind = inputs.kind(given)
        if kind in {"pfs", "cron"}:
            return self._leaf(inputs.leaf(given))
        combine = {"cross": self._cross, "union": self._union, "join": self._join, "group": self._group}[kind]
        return combine(inputs.children(given))

    def _leaf(self, leaf: Any) -> Combinations:
        source, matched = self._match(leaf)
        glob = globs.compile(leaf.glob)
        previous = ""
        for found in matched:
            if found.path != previous:  # else another datum's file at the same path
                keys = (glob.replace(found.path, leaf.join_on), glob.replace(found.path, leaf.group_by))
                yield (DatumInput(source, found.path, found.hash, found.size, *keys),)
            previous = found.path

    def _cross(self, children: list[Any]) -> Combinations:
        """The first child is the outermost loop, and every child goes by datum id, not by path."""
        factors = [self._by_id(child) for child in children]
        for chosen in itertools.product(*factors):
            yield tuple(itertools.chain.from_iterable(self._packing.unpack(packed[_DIGEST:]) for packed in chosen))

    def _by_id(self, child: Any) -> list[bytes]:
        return sorted(digest(parts) + self._packing.pack(parts) for parts in self.combinations(child))

    def _union(self, children: list[Any]) -> Combinations:
        """By index within the child and then by id, so children take turns."""
        rounds = itertools.zip_longest(*map(self.combinations, children))
        ordered = (sorted(filter(None, round_), key=digest) for round_ in rounds)
        return _distinct(itertools.chain.from_iterable(ordered))

    def _join(self, children: list[Any]) -> Combinations:
        """For each key every way to take one input of each child; of children without it, see :func:`_partners`."""
        gathered = self._gather(children, lambda part: part.join_on)
        joined = (itertools.product(*_partners(lists)) for lists in gathered.by_key())
        return _distinct(parts for parts in itertools.chain.from_iterable(joined) if parts)

    def _group(self, children: list[Any]) -> Combinations:
        """One datum for each key: all inputs that have it, child by child."""
        gathered = self._gather(children, lambda part: part.group_by)
        return _distinct(tuple(itertools.chain.from_iterable(lists)) for lists in gathered.by_key())

    def _gather(self, children: list[Any], key: Callable[[DatumInput], str]) -> Gathering:
        """All inputs in all datums of the children: here the datums of children come apart."""
        gathering = Gathering(self._packing, len(children))
        for number, child in enumerate(children):
            for part in itertools.chain.from_iterable(self.combinations(child)):
                gathering.add(key(part), number, part)
        return gathering


def _partners(lists: list[list[DatumInput]]) -> list[list[DatumInput]]:
    """What is joined of the children's inputs for a key: where a child has none, the outer ones of the others."""
    if all(lists):
        return lists
    outer = [[part for part in of_child if part.source.leaf.outer_join] for of_child in lists]
    return [of_child for of_child in outer if of_child]


def _distinct(combinations: Iterable[tuple[DatumInput, ...]]) -> Combinations:
    """Each datum once: one id is one datum."""
    seen: set[bytes] = set()
    for parts in combinations:
        id_ = digest(parts)
        if id_ not in seen:
            seen.add(id_)
            yield parts
