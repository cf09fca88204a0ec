"""Checking every stored byte: chunks, contents and nodes against their hashes, and that nothing is missing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.pachd.errors import PachError
from harness.pachd.errors import pfs as errors
from harness.pachd.store.nodes import EMPTY, Node, decode, hash_of
from harness.pachd.store.pins import split

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from harness.pachd.store.database import Database
    from harness.pachd.store.marking import Marks
    from harness.pachd.store.objects import Objects

MOST_DAMAGES = 1000  # that are told one by one
MOST_PLACES = 10  # of one damage

Place = tuple[bytes, bytes]


@dataclass
class Damage:
    """Something that is not what was stored.

    ``places`` are the first of the ``count`` places that need it: root of a map and key there, for a damaged node the
    last key that it held; an empty root stands for what is in no map.
    """

    text: str
    places: list[Place] = field(default_factory=list)
    count: int = 0


class Damages:
    """What was found, in order; ``untold`` counts what goes beyond the bounds of memory."""

    def __init__(self) -> None:
        self.untold = 0
        self._found: dict[bytes, Damage] = {}

    def add(self, id_: bytes, text: str) -> None:
        """Something is wrong with ``id_``; only the first word on each counts."""
        if id_ not in self._found:
            if len(self._found) < MOST_DAMAGES:
                self._found[id_] = Damage(text)
            else:
                self.untold += 1

    def needed(self, id_: bytes, place: Place) -> None:
        """Note who needs what is damaged; what is well is passed over."""
        damage = self._found.get(id_)
        if damage is not None:
            damage.count += 1
            if len(damage.places) < MOST_PLACES:
                damage.places.append(place)

    def __iter__(self) -> Iterator[Damage]:
        return iter(self._found.values())


class Verification:
    """One check of everything. Memory is bounded; others read and write meanwhile, but nothing may be collected."""

    def __init__(self, db: Database, objects: Objects, marks: Marks) -> None:
        """``marks`` takes what is bad of chunks and contents, but the nodes that are good with all below them."""
        self._db = db
        self._objects = objects
        self._marks = marks
        self.damages = Damages()

    def chunks(self) -> None:
        """Read all chunks."""
        for ids in self._objects.index.chunk_ids():
            for id_ in ids:
                self._chunk(id_)

    def contents(self) -> None:
        """Compare the rows of contents with their hashes and with the chunks that are there."""
        after = b""
        while True:
            with self._db.read() as conn:
                query = "SELECT hash, size, chunks FROM contents WHERE hash > ? ORDER BY hash LIMIT 100"
                rows = conn.execute(query, (after,)).fetchall()
                for row in rows:
                    self._content(conn, *row)
            if not rows:
                return
            after = rows[-1]["hash"]

    def nodes(self) -> None:
        """Compare all nodes with their hashes."""
        after = b""
        while True:
            with self._db.read() as conn:
                rows = conn.execute(
                    "SELECT hash FROM nodes WHERE hash > ? ORDER BY hash LIMIT 100", (after,)
                ).fetchall()
            for (hash_,) in rows:
                self._node(hash_)
            if not rows:
                return
            after = rows[-1]["hash"]

    def map(self, root: bytes, *, contents: bool = True) -> None:
        """Find out what is missing below ``root``, and note what is damaged there."""
        self._below(root, (root, b""), contents=contents)

    def content(self, hash_: bytes) -> None:
        """The same for a content that is in no map."""
        with self._db.read() as conn:
            self._stored(conn, hash_, (b"", b""))

    def _chunk(self, id_: bytes) -> None:
        try:
            self._objects.chunk(id_)
        except PachError as error:
            self._marks.add("chunks", (id_,))
            self.damages.add(id_, error.message)

    def _content(self, conn: sqlite3.Connection, hash_: bytes, size: int, ids: bytes) -> None:
        lengths, bad = 0, False
        for id_ in split((ids,)):
            row = conn.execute("SELECT length FROM chunks WHERE id = ?", (id_,)).fetchone()
            if row is None:
                self.damages.add(id_, errors.CONTENT_MISSING(hash=id_.hex()).message)
            lengths += row["length"] if row is not None else 0
            bad |= row is None or not self._marks.missing("chunks", (id_,))
        if hashlib.sha256(ids).digest() != hash_ or (lengths != size and not bad):
            self.damages.add(hash_, errors.CONTENT_DAMAGED(hash=hash_.hex()).message)
            bad = True
        if bad:
            self._marks.add("contents", (hash_,))

    def _node(self, hash_: bytes) -> Node | None:
        with self._db.read() as conn:
            row = conn.execute("SELECT body FROM nodes WHERE hash = ?", (hash_,)).fetchone()
        try:
            if row is None:
                raise errors.CONTENT_MISSING(hash=hash_.hex())
            return decode(hash_, row["body"])
        except PachError as error:
            self.damages.add(hash_, error.message)
            return None

    def _below(self, hash_: bytes, place: Place, *, contents: bool) -> bool:
        """Whether all is well below a node of the map ``place[0]``, whose last key should be ``place[1]``."""
        if hash_ == EMPTY or not self._marks.missing("nodes", (hash_,)):
            return True
        node = self._node(hash_)
        if node is None:
            self.damages.needed(hash_, place)
            return False
        entries = [((place[0], key), hash_of(value)) for key, value in zip(node.keys, node.values, strict=True)]
        if node.level:
            well = all([self._below(child, at, contents=contents) for at, child in entries])  # noqa: C419 -- look at all
        else:
            well = not contents or self._all_stored(entries)
        if well:
            self._marks.add("nodes", (hash_,))
        return well

    def _all_stored(self, entries: Iterable[tuple[Place, bytes]]) -> bool:
        with self._db.read() as conn:
            return all([self._stored(conn, hash_, place) for place, hash_ in entries])  # noqa: C419 -- as above

    def _stored(self, conn: sqlite3.Connection, hash_: bytes, place: Place) -> bool:
        if conn.execute("SELECT 1 FROM contents WHERE hash = ?", (hash_,)).fetchone() is None:
            self.damages.add(hash_, errors.CONTENT_MISSING(hash=hash_.hex()).message)
        elif self._marks.missing("contents", (hash_,)):
            return True
        self.damages.needed(hash_, place)
        for (ids,) in conn.execute("SELECT chunks FROM contents WHERE hash = ?", (hash_,)):
            for id_ in dict.fromkeys(split((ids,))):
                self.damages.needed(id_, place)
        return False
