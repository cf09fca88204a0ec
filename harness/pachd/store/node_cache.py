"""Reading nodes of the persistent map, several at once where several will be needed; the latest stay decoded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.errors import pfs as errors
from harness.pachd.store.latest import Latest
from harness.pachd.store.nodes import EMPTY, VALUE_BYTES, Node, decode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.pachd.store.database import Database

KEPT_BYTES = 32 * 2**20
_OVERHEAD = 2 * (33 + 8)  # bytes of two byte strings and the references to them
BATCH = 64  # nodes in one query; a query of its own for each costs more than reading it
_EMPTY_LEAF = Node(0, [], [])


class NodeCache:
    """Nodes by hash. Safe to use from several threads."""

    def __init__(self, db: Database, kept_bytes: int) -> None:
        """The latest nodes stay decoded as long as they take no more than ``kept_bytes``."""
        self._db = db
        self._kept: Latest[bytes, Node] = Latest(kept_bytes, _bytes_of)
        self._unsettled: dict[bytes, Node] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, made: Mapping[bytes, Node]) -> None:
        """Know nodes whose transaction is not kept yet, until :meth:`settle`."""
        self._unsettled.update(made)

    def settle(self, made: Mapping[bytes, Node], *, kept: bool) -> None:
        """The transaction that made these has ended."""
        if kept:  # what was just written will soon be read
            self._kept.update(made)
        for hash_ in made:
            self._unsettled.pop(hash_, None)

    def load(self, hash_: bytes, ahead: Sequence[bytes] = ()) -> Node:
        """One node; where it has to be read, the last of ``ahead`` are read with it: they will be asked for next.

        Raises CONTENT_MISSING and NODE_DAMAGED.
        """
        if hash_ == EMPTY:
            return _EMPTY_LEAF
        node = self._kept.get(hash_) or self._unsettled.get(hash_)
        if node is None:
            missing = [other for other in ahead[1 - BATCH :] if other not in self._kept]
            node = self._fetch([hash_, *(other for other in missing if other not in self._unsettled)])[0]
        return node

    def _fetch(self, hashes: Sequence[bytes]) -> list[Node]:
        marks = ", ".join("?" * len(hashes))
        query = f"SELECT hash, body FROM nodes WHERE hash IN ({marks})"  # noqa: S608 -- question marks only
        with self._db.read() as conn:
            bodies: dict[bytes, bytes] = dict(conn.execute(query, hashes).fetchall())
        for hash_ in hashes:
            if hash_ not in bodies:
                raise errors.CONTENT_MISSING(hash=hash_.hex())
        nodes = {hash_: decode(hash_, bodies[hash_]) for hash_ in hashes}
        self._kept.update(nodes)
        return list(nodes.values())


def _bytes_of(node: Node) -> int:
    """What a node takes in memory: two objects for each entry, with their headers and the places in lists."""
    return sum(map(len, node.keys)) + len(node.keys) * (VALUE_BYTES + _OVERHEAD) + _OVERHEAD
