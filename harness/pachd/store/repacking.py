"""Giving back the space of packs: what is dead is deleted, what is mostly dead is copied together."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING

from harness.pachd.errors import PachError
from harness.pachd.store.packs import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.pachd.store.database import Database
    from harness.pachd.store.objects import Objects

log = logging.getLogger(__name__)

_BATCH = 100  # chunks that are moved in one transaction: 6 MB where they have the usual size


class Repacking:
    """Removes and rewrites packs of which less than half is needed. Readers may go on in the old ones."""

    def __init__(self, db: Database, objects: Objects, step: Callable[[], None]) -> None:
        self._db = db
        self._objects = objects
        self._packs = objects.packs
        self._step = step

    def run(self) -> int:
        """Do it; by how many bytes that made the packs smaller."""
        before = self._packs.sizes()
        # First what is pending, then the rows: what is in neither has been looked for in both.
        pending: Counter[int] = Counter()
        for place in self._objects.index.pending()[0].values():
            pending[place.pack] += place.length
        with self._db.read() as conn:
            needed = Counter(dict(conn.execute("SELECT pack, sum(length) FROM chunks GROUP BY pack").fetchall()))
        wasteful = [pack for pack, size in before.items() if 2 * (needed[pack] + pending[pack]) < size]
        if self._packs.current in wasteful:
            self._packs.seal()
        for pack in sorted(wasteful):
            if pack not in pending and pack != self._packs.current:
                self._clear(pack)
        return sum(before.values()) - sum(self._packs.sizes().values())

    def _clear(self, pack: int) -> None:
        """Move what a sealed pack holds, and delete it unless there is something in it that cannot be read."""
        query = "SELECT id, offset, length FROM chunks WHERE pack = ? ORDER BY offset"
        whole = True
        with self._db.read() as conn:
            rows = conn.execute(query, (pack,))
            while batch := rows.fetchmany(_BATCH):
                self._step()
                whole &= self._move([(id_, Place(pack, offset, length)) for id_, offset, length in batch])
        if whole:
            self._packs.remove(pack)

    def _move(self, chunks: Sequence[tuple[bytes, Place]]) -> bool:
        """Copy chunks, and only when the copies are on disk for sure let the index name those. Whether all could."""
        moved = []
        for id_, old in chunks:
            try:
                data = self._objects.read_place(id_, old)
            except PachError as error:  # left where it is, for fsck to name
                log.warning("%s is kept: %s", self._packs.name(old.pack), error.message)
                continue
            moved.append((id_, old, self._packs.append(data)))
        self._packs.sync()
        if any(self._packs.doubtful(new.pack) for _, _, new in moved):
            return False
        with self._db.write() as conn:
            for id_, old, new in moved:
                conn.execute(
                    "UPDATE chunks SET pack = ?, offset = ? WHERE id = ? AND pack = ? AND offset = ?",
                    (new.pack, new.offset, id_, old.pack, old.offset),
                )
        return len(moved) == len(chunks)
