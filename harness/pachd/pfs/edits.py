"""Changing a file set: operations gathered without looking at it, then applied in one pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.pachd.pfs.entries import content_of, key_of, path_and_datum, range_of, value_of
from harness.pachd.pfs.operations import Operations
from harness.pachd.pfs.paths import as_directory, directories
from harness.pachd.store.contents import Content, finish_all
from harness.pachd.store.trees import EMPTY

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from harness.pachd.pfs.entries import File
    from harness.pachd.store.contents import Writer
    from harness.pachd.store.objects import Objects
    from harness.pachd.store.trees import Trees

HELD_BYTES = 16 * 2**20  # bytes of unfinished files that an edit keeps in memory


@dataclass
class _Change:
    """What becomes of a file: ``content`` (None: nothing) in place of what the base has, or behind it."""

    path: str
    replaces: bool
    born: int  # how many deletions of directories came before
    content: Content | None = None
    writer: Writer | None = None

    def settle(self) -> Content | None:
        """Finish what is being written."""
        if self.writer is not None:
            self.content, self.writer = self.writer.finish(), None
        return self.content


class Edit:
    """Operations in order, as a ModifyFile stream gives them, with Pachyderm's meanings. For one thread.

    Bytes go to the object store as they come; the base is looked at by :meth:`save` alone. So a long upload holds
    nobody up, and its operations may be applied to a newer base than was known when it began. Paths are stored forms
    (see ``paths``); an empty datum is the default one.
    """

    def __init__(self, trees: Trees, objects: Objects, root: bytes) -> None:
        self._trees = trees
        self._objects = objects
        self._root = root
        trees.hold(self, root)
        self._changes: dict[bytes, _Change] = {}
        self._deleted: dict[str, int] = {}  # directory -> number of its latest deletion
        self._deletions = 0
        self._writing: list[_Change] = []
        self._held = 0

    def append(self, path: str, datum: str, data: Content | bytes | memoryview | Iterable[bytes]) -> None:
        """Add bytes, or stored content, at the end of a file; create it where it is not."""
        change = self._change(path, datum)
        if isinstance(data, Content):
            if change.settle() is None:
                change.content = self._objects.held(data)
                return
            data = self._objects.read(data.hash)
        writer = self._writer(change)
        for piece in (data,) if isinstance(data, (bytes, memoryview)) else data:
            self._held += len(piece)
            writer.write(piece)
        if self._held > HELD_BYTES:
            self.settle()

    def put(self, path: str, datum: str, content: Content) -> None:
        """Make the file hold ``content`` and nothing else."""
        held = self._objects.held(content)
        self._changes[key_of(path, datum)] = _Change(path, replaces=True, born=self._deletions, content=held)

    def delete(self, path: str, datum: str) -> None:
        """Remove the file of this datum; a directory of that name remains."""
        self._changes[key_of(path, datum)] = _Change(path, replaces=True, born=self._deletions)

    def delete_below(self, path: str) -> None:
        """Remove everything below the directory ``path``, whatever its datum; ``/`` empties the set."""
        self._deletions += 1
        self._deleted[as_directory(path)] = self._deletions

    def insert_all(self, files: Iterable[File]) -> None:
        """Put many files."""
        for file in files:
            self.put(file.path, file.datum, file.content)

    def settle(self) -> None:
        """Store what is unfinished. Before a transaction: else others wait in it until the bytes are on disk."""
        # A change that was settled by itself and written to again stands there twice.
        writing = {id(change): (change, change.writer) for change in self._writing if change.writer is not None}
        contents = finish_all(self._objects, [writer for _, writer in writing.values()])
        for (change, _), content in zip(writing.values(), contents, strict=True):
            change.content, change.writer = content, None
        self._writing.clear()
        self._held = 0

    def save(self, conn: sqlite3.Connection, onto: bytes | None = None) -> bytes:
        """The root of the changed file set, saved in the transaction of ``conn``.

        ``onto`` is the base to change, by default the one that the edit was made for. May be called again when the
        transaction failed.
        """
        base = self._root if onto is None else onto
        self.settle()
        points = {key: self._value(base, key, change) for key, change in self._changes.items() if self._lives(change)}
        return self._trees.edit(conn, base, points, [range_of(directory) for directory in self._deleted])

    def operations(self, conn: sqlite3.Connection) -> Operations:
        """What was gathered, saved in the transaction of ``conn`` so that it can be applied later."""
        self.settle()
        deleted: list[tuple[str, str]] = []
        appended: dict[bytes, bytes | None] = {}
        replaced: dict[bytes, bytes | None] = {}
        for key, change in self._changes.items():
            if not self._lives(change):
                continue
            if change.content is None:
                deleted.append(path_and_datum(key))
            else:
                (replaced if change.replaces else appended)[key] = value_of(change.content)
        return Operations(
            tuple(self._deleted),
            tuple(deleted),
            self._trees.edit(conn, EMPTY, replaced),
            self._trees.edit(conn, EMPTY, appended),
        )

    def _change(self, path: str, datum: str) -> _Change:
        key = key_of(path, datum)
        change = self._changes.get(key)
        if change is None or not self._lives(change):
            gone = self._last_deletion(path) > 0
            change = self._changes[key] = _Change(path, replaces=gone, born=self._deletions)
        return change

    def _writer(self, change: _Change) -> Writer:
        if change.writer is None:
            change.writer = self._objects.writer(change.content)
            self._writing.append(change)
        return change.writer

    def _lives(self, change: _Change) -> bool:
        return self._last_deletion(change.path) <= change.born

    def _last_deletion(self, path: str) -> int:
        if not self._deleted:
            return 0
        return max(self._deleted.get(directory, 0) for directory in directories(path))

    def _value(self, base: bytes, key: bytes, change: _Change) -> bytes | None:
        content = change.content
        before = None if change.replaces else self._trees.get(base, key)
        if content is not None and before is not None:
            content = self._objects.append(content_of(before), self._objects.read(content.hash))
        return value_of(content) if content is not None else None
