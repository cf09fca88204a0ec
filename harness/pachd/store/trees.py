"""A persistent sorted map in SQLite: immutable versions named by 32-byte roots, which share what they have in common.

Keys are bytes, values a 32-byte hash with a size (see ``nodes``). Equal maps have equal roots. An edit costs time
proportional to the changes and the map's height; a diff, to the differences.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from harness.pachd.store.node_cache import KEPT_BYTES, NodeCache
from harness.pachd.store.nodes import EMPTY, hash_of
from harness.pachd.store.pins import Kind
from harness.pachd.store.rewriting import rewrite

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence

    from harness.pachd.store.database import Database
    from harness.pachd.store.pins import Pins

__all__ = ["EMPTY", "Trees"]

_DDL = "CREATE TABLE IF NOT EXISTS nodes (hash BLOB PRIMARY KEY, body BLOB NOT NULL);"

# What a diff has still to compare: an entry (level 0) or a node (its own level + 1), with its last key and its value.
_Item = tuple[int, bytes, bytes]


class Trees:
    """All versions of all maps.

    Reading needs no transaction: nodes never change. What :meth:`edit` made is readable before its transaction ends.
    """

    def __init__(self, db: Database, pins: Pins, kept_bytes: int = KEPT_BYTES) -> None:
        db.install(_DDL)
        self._db = db
        self._pins = pins
        self.nodes = NodeCache(db, kept_bytes)

    def get(self, root: bytes, key: bytes) -> bytes | None:
        """The value of ``key``, or None."""
        node = self.nodes.load(root)
        while True:
            index = bisect_left(node.keys, key)
            if index == len(node.keys):
                return None
            if not node.level:
                return node.values[index] if node.keys[index] == key else None
            node = self.nodes.load(hash_of(node.values[index]))

    def scan(self, root: bytes, low: bytes = b"", high: bytes | None = None) -> Iterator[tuple[bytes, bytes]]:
        """The entries with ``low <= key < high`` in order; ``high`` None means to the end."""
        for keys, values in self.leaves(root, low, high):
            yield from zip(keys, values, strict=True)

    def leaves(
        self, root: bytes, low: bytes = b"", high: bytes | None = None
    ) -> Iterator[tuple[Sequence[bytes], Sequence[bytes]]]:
        """The keys and values of :meth:`scan`, a leaf's at a time; no part is empty."""
        ahead = [root]
        while ahead:
            node = self.nodes.load(ahead.pop(), ahead)
            start = bisect_left(node.keys, low)
            end = len(node.keys) if high is None else bisect_left(node.keys, high)
            if node.level:
                ahead.extend(map(hash_of, reversed(node.values[start : end + 1])))
            elif start < end:
                yield node.keys[start:end], node.values[start:end]

    def size(self, root: bytes) -> int:
        """The sum of all values' sizes; costs one node."""
        return self.nodes.load(root).size

    def diff(
        self, old: bytes, new: bytes, low: bytes = b"", high: bytes | None = None
    ) -> Iterator[tuple[bytes, bytes | None, bytes | None]]:
        """Key, old and new value of every entry with ``low <= key < high`` that differs, in order of the keys.

        Equal subtrees are not entered.
        """
        within = (low, high)
        ours, theirs = [(self.nodes.load(old).level + 1, b"", old)], [(self.nodes.load(new).level + 1, b"", new)]
        while ours or theirs:
            if ours and theirs and ours[-1][:2] == theirs[-1][:2]:
                level, key, before = ours[-1]
                now = theirs[-1][2]
                if before == now or not level:
                    ours.pop()
                    theirs.pop()
                    if before != now:
                        yield key, before, now
                    continue
            level = max(side[-1][0] for side in (ours, theirs) if side)
            if level:
                for side in (ours, theirs):
                    if side and side[-1][0] == level:
                        self._open(side, within)
                continue
            key = min(side[-1][1] for side in (ours, theirs) if side)
            yield key, _take(ours, key), _take(theirs, key)

    def edit(
        self,
        conn: sqlite3.Connection,
        root: bytes,
        points: Mapping[bytes, bytes | None],
        removed: Sequence[tuple[bytes, bytes]] = (),
    ) -> bytes:
        """The root of a new version, saved in the transaction of ``conn``.

        First every key in one of the ranges ``low <= key < high`` of ``removed`` goes, then each of ``points`` is set,
        or deleted where its value is None (also when there is no such key).
        """
        new_root, made = rewrite(self.nodes.load, root, points, removed)
        bodies = {hash_: node.encode() for hash_, node in made.items()}
        self._pins.use_all(made)
        conn.executemany("INSERT OR IGNORE INTO nodes VALUES (?, ?)", bodies.items())
        self.nodes.add(made)
        self._db.at_end(lambda kept: self.nodes.settle(made, kept=kept))
        return new_root

    def hold(self, owner: object, root: bytes) -> None:
        """Keep a version, with the contents that it names, for as long as ``owner`` lives; see ``Pins.hold``."""
        self._pins.hold(owner, Kind.ROOT, (root,))

    def _open(self, side: list[_Item], within: tuple[bytes, bytes | None]) -> None:
        """Replace the next item of ``side``, a node, by what it holds of the range."""
        level, _, value_ = side.pop()
        node = self.nodes.load(hash_of(value_))
        low, high = within
        start = bisect_left(node.keys, low)
        end = len(node.keys) if high is None else bisect_left(node.keys, high) + bool(node.level)
        side.extend(
            (level - 1, key, value)
            for key, value in zip(node.keys[start:end][::-1], node.values[start:end][::-1], strict=True)
        )


def _take(side: list[_Item], key: bytes) -> bytes | None:
    return side.pop()[2] if side and side[-1][1] == key else None
