"""A store with one table of names, to collect garbage in."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from harness.pachd.pfs.filesets import EMPTY
from harness.pachd.store.collecting import Collector
from harness.pachd.store.marking import Named
from tests.pachd.pfs.file_store import FileStore, Model

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harness.pachd.pfs.edits import Edit

SIZES = (0, 10, 3_000, 200_000, 1_500_000)


def some_bytes(number: int) -> bytes:
    return random.Random(number).randbytes(SIZES[number % len(SIZES)])  # noqa: S311 -- data


class NamedStore(FileStore):
    """A store whose only table names file sets, as commits do."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder
        self.db.install("CREATE TABLE IF NOT EXISTS named (name TEXT PRIMARY KEY, root BLOB)")
        roots = [lambda conn: [root for (root,) in conn.execute("SELECT root FROM named")]]
        self.collector = Collector(self.db, self.objects, Named(roots, [], []))

    def begin(self, files: Mapping[str, bytes], base: bytes = EMPTY) -> Edit:
        edit = self.files.edit(base)
        for path, data in files.items():
            edit.append(path, "", data)
        return edit

    def commit(self, name: str, edit: Edit) -> None:
        with self.db.write() as conn:
            conn.execute("INSERT OR REPLACE INTO named VALUES (?, ?)", (name, edit.save(conn)))
            self.objects.flush(conn)

    def add(self, name: str, files: Mapping[str, bytes]) -> None:
        self.commit(name, self.begin(files))

    def drop(self, name: str) -> None:
        with self.db.write() as conn:
            conn.execute("DELETE FROM named WHERE name = ?", (name,))

    def root(self, name: str) -> bytes:
        with self.db.read() as conn:
            return bytes(conn.execute("SELECT root FROM named WHERE name = ?", (name,)).fetchone()[0])

    def open(self, name: str) -> Reading:
        with self.db.read() as conn:
            (root,) = conn.execute("SELECT root FROM named WHERE name = ?", (name,)).fetchone()
            return Reading(self, bytes(root))

    def rows(self) -> dict[str, set[bytes]]:
        keys = {"nodes": "hash", "contents": "hash", "chunks": "id"}
        with self.db.read() as conn:
            return {
                table: {id_ for (id_,) in conn.execute(f"SELECT {key} FROM {table}")}  # noqa: S608
                for table, key in keys.items()
            }

    def pack_bytes(self) -> int:
        return sum(self.objects.packs.sizes().values())

    def close(self) -> None:
        self.objects.close()
        self.db.close()


class Reading:
    """A reader that was let in and has still to read."""

    def __init__(self, store: NamedStore, root: bytes) -> None:
        self._store, self._root = store, root
        store.files.hold(self, root)

    def files(self) -> Model:
        return self._store.model(self._root)


def model(files: Mapping[str, bytes]) -> Model:
    return {(path, "default"): data for path, data in files.items()}


FILES = {f"/{number}": some_bytes(number) for number in range(10)}
OTHER = {"/other": some_bytes(104), "/3": some_bytes(3)}
