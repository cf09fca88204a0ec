"""Immutable sets of files, named by 32-byte roots: the content of a commit, or of one datum's output."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from harness.pachd.pfs import validation
from harness.pachd.pfs.edits import Edit
from harness.pachd.pfs.entries import DEFAULT_DATUM, File, file_of, range_at, range_of
from harness.pachd.store.latest import Latest
from harness.pachd.store.trees import EMPTY, Trees

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from harness.pachd.pfs.folders import Node
    from harness.pachd.store.database import Database
    from harness.pachd.store.objects import Objects

__all__ = ["DEFAULT_DATUM", "EMPTY", "Edit", "File", "FileSets"]


LARGE_KEPT = 1000


class FileSets:
    """All file sets. They never change, so reading needs no transaction, and what an edit saved is readable at once.

    ``large`` remembers directories by root and path that took long to compute, see ``folders``.
    """

    def __init__(self, db: Database, objects: Objects) -> None:
        self.objects = objects
        self._trees = Trees(db, objects.pins)
        self.large: Latest[tuple[bytes, str], Node] = Latest(LARGE_KEPT)
        self._check: Callable[[], None] = lambda: None

    def checked(self, check: Callable[[], None]) -> FileSets:
        """The same file sets for one reader: ``check`` is called every few dozen files, and may raise to end a walk."""
        own = copy(self)
        own._check = check  # noqa: SLF001 -- its own kind
        return own

    def walk(self, root: bytes, prefix: str = "/", after: str = "") -> Iterator[File]:
        """The files whose path begins with ``prefix`` (``/dir/``: those below it) and comes behind ``after``.

        In path order: byte order, files of one path by datum.
        """
        for keys, values in self.leaves(root, prefix, after):
            yield from map(file_of, keys, values)

    def leaves(
        self, root: bytes, prefix: str = "/", after: str = ""
    ) -> Iterator[tuple[Sequence[bytes], Sequence[bytes]]]:
        """The files of :meth:`walk` as keys and values of the map, some dozens at a time."""
        low, high = range_of(prefix)
        if after:
            low = max(low, range_at(after)[1])
        for leaf in self._trees.leaves(root, low, high):
            self._check()
            yield leaf

    def at(self, root: bytes, path: str) -> list[File]:
        """The files at exactly ``path``: one for each datum that wrote it, usually none or one."""
        return [file_of(key, value) for key, value in self._trees.scan(root, *range_at(path))]

    def some_keys(self, root: bytes, low: bytes) -> Sequence[bytes]:
        """The first keys of the map from ``low`` on, as many as come together; none behind the last."""
        return next(self._trees.leaves(root, low), ((), ()))[0]

    def diff(self, old: bytes, new: bytes, prefix: str = "/") -> Iterator[tuple[File | None, File | None]]:
        """Old and new file of every (path, datum) that differs, in path order; costs what the differences cost."""
        for key, before, now in self.changes(old, new, prefix):
            yield file_of(key, before) if before else None, file_of(key, now) if now else None

    def changes(self, old: bytes, new: bytes, prefix: str) -> Iterator[tuple[bytes, bytes | None, bytes | None]]:
        """What :meth:`diff` gives, as keys with the old and the new value in the map."""
        return self._trees.diff(old, new, *range_of(prefix))

    def hold(self, owner: object, root: bytes) -> None:
        """Keep a file set for as long as ``owner`` lives, though no table may name it any more.

        A root that was read from a snapshot must be held before the snapshot's block ends.
        """
        self._trees.hold(owner, root)

    def edit(self, root: bytes) -> Edit:
        """An edit that will make a new file set out of this one."""
        return Edit(self._trees, self.objects, root)

    def total_size(self, root: bytes) -> int:
        """The sum of all files' sizes in bytes, without looking at them."""
        return self._trees.size(root)

    def problems(self, root: bytes, base: bytes = EMPTY) -> str:
        """Why Pachyderm would fail a commit of these files (duplicate path, collision), or an empty text.

        Only what is new since ``base`` is looked at, which must be a set without problems.
        """
        return validation.problem(self, root, base)
