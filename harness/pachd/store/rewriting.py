"""Making a new version of a persistent map out of an old one and a batch of changes, in one pass."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from typing import TYPE_CHECKING

from harness.pachd.store.nodes import EMPTY, Node, hash_of, height, value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Load = Callable[[bytes], Node]


def rewrite(
    load: Load, root: bytes, points: Mapping[bytes, bytes | None], removed: Sequence[tuple[bytes, bytes]]
) -> tuple[bytes, dict[bytes, Node]]:
    """The new root and the new nodes by hash; arguments as for ``Trees.edit``."""
    pass_ = _Pass(load, points, removed)
    node = load(root)
    if node.keys:
        pass_.visit(node.level, node.keys[-1], value(root, node.size), b"", (0, len(pass_.points)))
    else:
        pass_.merge(node, (0, len(pass_.points)))
    return pass_.builder.finish(), pass_.builder.made


class _Builder:
    """Takes entries and whole subtrees in order and builds the nodes above them.

    Every level has an open node. A subtree is taken whole only where no open node is left below its own level, because
    only then the new map has a node border there too.
    """

    def __init__(self) -> None:
        self.made: dict[bytes, Node] = {}
        self._open = [Node(0, [], [])]

    def add(self, level: int, key: bytes, value_: bytes) -> None:
        """Add an entry to the open node of ``level``: a map's own at 0, else a reference to a node one level below."""
        while level >= len(self._open):
            self._open.append(Node(len(self._open), [], []))
        node = self._open[level]
        node.keys.append(key)
        node.values.append(value_)
        if height(key) > level:
            self._close(level)

    def fits(self, level: int) -> bool:
        """Whether a node of ``level`` can be taken whole now."""
        return not any(node.keys for node in self._open[: level + 1])

    def finish(self) -> bytes:
        """Close everything and give the root: the highest node, to which nothing refers."""
        level = 0
        while any(node.keys for node in self._open[level + 1 :]):
            if self._open[level].keys:
                self._close(level)
            level += 1
        top = self._open[level]
        if not top.keys:
            return EMPTY
        return hash_of(top.values[0]) if level and len(top.keys) == 1 else self._keep(top)

    def _close(self, level: int) -> None:
        node = self._open[level]
        self._open[level] = Node(level, [], [])
        self.add(level + 1, node.keys[-1], value(self._keep(node), node.size))

    def _keep(self, node: Node) -> bytes:
        hash_ = hashlib.sha256(node.encode()).digest()
        self.made[hash_] = node
        return hash_


class _Ranges:
    """Ranges ``low <= key < high``, made disjoint."""

    def __init__(self, ranges: Sequence[tuple[bytes, bytes]]) -> None:
        self._lows: list[bytes] = []
        self._highs: list[bytes] = []
        for low, high in sorted(ranges):
            if self._highs and low <= self._highs[-1]:
                self._highs[-1] = max(high, self._highs[-1])
            else:
                self._lows.append(low)
                self._highs.append(high)

    def cover(self, first: bytes, last: bytes) -> bool:
        """Whether one range holds everything from ``first`` to ``last``."""
        index = bisect_right(self._lows, first) - 1
        return index >= 0 and last < self._highs[index]

    def touch(self, first: bytes, last: bytes) -> bool:
        """Whether a range holds anything from ``first`` to ``last``."""
        index = bisect_right(self._lows, last) - 1
        return index >= 0 and first < self._highs[index]


class _Pass:
    """One walk over the parts of the old version that the changes touch."""

    def __init__(
        self, load: Load, points: Mapping[bytes, bytes | None], removed: Sequence[tuple[bytes, bytes]]
    ) -> None:
        self._load = load
        self.points = sorted(points)
        self._values = points
        self._removed = _Ranges(removed)
        self.builder = _Builder()

    def visit(self, level: int, last: bytes, ref: bytes, before: bytes, span: tuple[int, int]) -> None:
        """Carry over a node of the old version.

        Its keys lie in ``before < key <= last``; ``span`` says which of the points belong in it or behind it.
        """
        if span[0] == span[1]:
            if self._removed.cover(before, last):
                return
            if not self._removed.touch(before, last) and self.builder.fits(level):
                self.builder.add(level + 1, last, ref)
                return
        node = self._load(hash_of(ref))
        if not level:
            self.merge(node, span)
            return
        start, end = span
        for key, child in zip(node.keys, node.values, strict=True):
            stop = end if key == node.keys[-1] else bisect_right(self.points, key, start, end)
            self.visit(level - 1, key, child, before, (start, stop))
            before, start = key, stop

    def merge(self, leaf: Node, span: tuple[int, int]) -> None:
        """Carry over a leaf's entries with the points of ``span`` among them."""
        entries: dict[bytes, bytes | None] = {
            key: value_ for key, value_ in zip(leaf.keys, leaf.values, strict=True) if not self._removed.cover(key, key)
        }
        entries.update((key, self._values[key]) for key in self.points[span[0] : span[1]])
        for key in sorted(entries):
            value_ = entries[key]
            if value_ is not None:
                self.builder.add(0, key, value_)
