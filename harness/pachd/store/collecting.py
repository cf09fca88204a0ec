"""Garbage collection: what nothing names any more leaves the store, while everything else goes on.

Why nothing that is needed is ever removed:

* A collection begins between two write transactions. From then on every pin, every stored chunk that an upload relies
  on and every node that is made is noted; what is pinned at that moment is remembered.
* Then roots are read from the tables in one snapshot, and all that is below them and below the pins is marked.
* Whoever looked at an older snapshot may still be about to pin a root that is no longer there. The collection waits
  for the end of those looks, which are short, and marks what was pinned meanwhile.
* What is neither marked nor noted is deleted in short transactions. A chunk on its way out is stored anew by an upload
  that brings the same bytes.

Whatever is stored later is made of new things, which were noted, and of things that were reachable.
"""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from harness.pachd.store.marking import Marking, Marks
from harness.pachd.store.pins import Kind, split
from harness.pachd.store.repacking import Repacking

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Mapping

    from harness.pachd.store.database import Database
    from harness.pachd.store.marking import Named
    from harness.pachd.store.objects import Objects
    from harness.pachd.store.pins import Held

GARBAGE = "garbage"  # the topic of transactions that may leave some

_KEYS = {
    "nodes": "hash",
    "contents": "hash",
    "chunks": "id",
}  # in the order of references: no row outlives what it names
_PAGE = 500  # rows looked at, and at most deleted in one transaction


class Collector:
    """Removes garbage. One collection runs at a time."""

    def __init__(self, db: Database, objects: Objects, named: Named) -> None:
        self._db = db
        self._objects = objects
        self._named = named
        self._turn = threading.Lock()

    def collect(self, step: Callable[[], None] = lambda: None) -> Mapping[str, int]:
        """Remove all garbage there is now; how many nodes, contents, chunks and pack bytes that were.

        ``step`` is called between pieces of work that take some milliseconds, and may raise to break off. Raises
        CONTENT_MISSING and NODE_DAMAGED in a damaged store, from which nothing is removed, and DISK_FULL.
        """
        pins = self._objects.pins
        with self._turn, closing(Marks()) as marks:
            try:
                with self._db.write() as conn:
                    self._objects.flush(conn)  # what cancelled uploads left becomes rows, which can be removed
                    held = pins.begin()
                self._mark(Marking(self._db, marks, step), marks, held)
                removed = Counter({table: self._sweep(table, marks, step) for table in _KEYS})
            finally:
                pins.end()
            removed["bytes"] = Repacking(self._db, self._objects, step).run()
            while self._db.shrink(_PAGE):
                step()
            self._db.trim_log()
            return removed

    @contextmanager
    def kept_away(self) -> Iterator[None]:
        """Nothing is collected while the block runs; waits for the end of a collection that runs."""
        with self._turn:
            yield

    def _mark(self, marking: Marking, marks: Marks, held: Held) -> None:
        chunks, contents = self._objects.index.pending()
        with self._db.read() as conn:
            named = {name: self._names(name, conn) for name in vars(self._named)}
        marking.maps(named["content_roots"])
        marking.contents(named["content_hashes"])
        marking.maps(named["plain_roots"], contents=False)
        marking.maps(held.ids[Kind.ROOT], lenient=True)
        marking.contents(held.ids[Kind.CONTENT] | contents.keys(), lenient=True)
        for ids in (held.ids[Kind.CHUNK], chunks, split(ids for _, ids in contents.values())):
            marks.add("chunks", ids)
        self._db.settle()
        marking.maps(self._objects.pins.late_roots(), lenient=True)

    def _names(self, name: str, conn: sqlite3.Connection) -> set[bytes]:
        return {bytes(id_) for names in getattr(self._named, name) for id_ in names(conn)}

    def _sweep(self, table: str, marks: Marks, step: Callable[[], None]) -> int:
        """Delete the rows of ``table`` that are not marked; how many those were."""
        key, after, removed = _KEYS[table], b"", 0
        page = f"SELECT {key} FROM {table} WHERE {key} > ? ORDER BY {key} LIMIT {_PAGE}"  # noqa: S608 -- our own names
        while True:
            step()
            with self._db.read() as conn:
                ids = [id_ for (id_,) in conn.execute(page, (after,))]
            if not ids:
                return removed
            after = ids[-1]
            garbage = marks.missing(table, ids)
            if garbage:
                removed += self._delete(table, garbage)

    def _delete(self, table: str, garbage: list[bytes]) -> int:
        pins = self._objects.pins
        with self._db.write() as conn:
            self._db.at_end(lambda _kept: pins.spare())
            doomed = pins.doom(garbage)
            delete = f"DELETE FROM {table} WHERE {_KEYS[table]} = ?"  # noqa: S608 -- as above
            conn.executemany(delete, [(id_,) for id_ in doomed])
        return len(doomed)
