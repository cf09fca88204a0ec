"""The first half of a garbage collection: finding out what is reachable.

Nodes, contents and chunks never change, and only a collection deletes any. So marking needs no snapshot: the roots are
read in one moment, and what is below them can be read at leisure.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from harness.pachd.errors import pfs as errors
from harness.pachd.store.nodes import EMPTY, decode, hash_of
from harness.pachd.store.pins import split

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from harness.pachd.store.database import Database

    Names = Callable[[sqlite3.Connection], Iterable[bytes]]

BATCH = 200  # rows in one query


@dataclass(frozen=True)
class Named:
    """What tables name: see ``VersionStore``, whose lists these are."""

    content_roots: Sequence[Names]
    plain_roots: Sequence[Names]
    content_hashes: Sequence[Names]


class Marks:
    """What was found reachable, by table; on disk in a file without a name, because it may be much."""

    def __init__(self) -> None:
        self._conn = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._conn.execute("PRAGMA journal_mode=OFF")
        for table in ("nodes", "contents", "chunks"):
            self._conn.execute(f"CREATE TABLE {table} (id BLOB PRIMARY KEY) WITHOUT ROWID")
        self._conn.execute("BEGIN")

    def add(self, table: str, ids: Iterable[bytes]) -> list[bytes]:
        """Mark ``ids``, and give those that were not."""
        fresh = self.missing(table, dict.fromkeys(ids))
        self._conn.executemany(f"INSERT INTO {table} VALUES (?)", ((id_,) for id_ in fresh))  # noqa: S608 -- our own names
        return fresh

    def missing(self, table: str, ids: Iterable[bytes]) -> list[bytes]:
        """Those of ``ids`` that are not marked."""
        missing: list[bytes] = []
        for batch in batches(ids):
            places = ", ".join("?" * len(batch))
            rows = self._conn.execute(f"SELECT id FROM {table} WHERE id IN ({places})", batch)  # noqa: S608 -- as above
            marked = {id_ for (id_,) in rows}
            missing += [id_ for id_ in batch if id_ not in marked]
        return missing

    def close(self) -> None:
        """Forget all marks."""
        self._conn.close()


def batches(ids: Iterable[bytes]) -> Iterator[list[bytes]]:
    """So many at a time as one query takes: it costs more than its rows."""
    rest = iter(ids)
    while batch := list(islice(rest, BATCH)):
        yield batch


class Marking:
    """Marks what is below roots and contents. ``step`` is called between small pieces of work."""

    def __init__(self, db: Database, marks: Marks, step: Callable[[], None]) -> None:
        self._db = db
        self._marks = marks
        self._step = step

    def maps(self, roots: Iterable[bytes], *, contents: bool = True, lenient: bool = False) -> None:
        """Mark the nodes of maps and, with ``contents``, what their values name.

        ``lenient`` passes over what is not there: a transaction that runs is about to store it. Raises CONTENT_MISSING
        and NODE_DAMAGED.
        """
        ahead = self._marks.add("nodes", (root for root in roots if root != EMPTY))
        while ahead:
            batch = ahead[-BATCH:]
            del ahead[-BATCH:]
            for hash_, body in self._rows("nodes", "hash", "body", batch, lenient=lenient):
                node = decode(hash_, body)
                below = map(hash_of, node.values)
                if node.level:
                    ahead += self._marks.add("nodes", below)
                elif contents:
                    self.contents(below, lenient=lenient)

    def contents(self, hashes: Iterable[bytes], *, lenient: bool = False) -> None:
        """Mark contents and their chunks; arguments and errors as for :meth:`maps`."""
        for batch in batches(self._marks.add("contents", hashes)):
            rows = self._rows("contents", "hash", "chunks", batch, lenient=lenient)
            for chunks in batches(split(ids for _, ids in rows)):
                self._marks.add("chunks", chunks)

    def _rows(
        self, table: str, key: str, value: str, ids: Collection[bytes], *, lenient: bool
    ) -> list[tuple[bytes, bytes]]:
        self._step()
        places = ", ".join("?" * len(ids))
        with self._db.read() as conn:
            query = f"SELECT {key}, {value} FROM {table} WHERE {key} IN ({places})"  # noqa: S608 -- our own names
            found = [(row[0], row[1]) for row in conn.execute(query, tuple(ids))]
        if len(found) < len(ids) and not lenient:
            missing = set(ids).difference(id_ for id_, _ in found)
            raise errors.CONTENT_MISSING(hash=min(missing).hex())
        return found
