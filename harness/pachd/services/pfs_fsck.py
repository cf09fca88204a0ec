# ruff: noqa: N802 -- methods are named as their RPCs
"""Checking the store: Fsck of ``pfs_v2.API``."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from python_pachyderm.proto.v2.pfs import pfs_pb2

from harness.pachd.pfs import damage, fsck, mending, zombies
from harness.pachd.pfs.resolve import resolve
from harness.pachd.services import pfs_requests

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from harness.pachd.pfs.keys import Commit
    from harness.pachd.pfs.version_store import VersionStore


class FsckCalls:
    """What is wrong with the store, and mending it."""

    def __init__(self, store: VersionStore) -> None:
        self.store = store

    def Fsck(self, request: Any, _context: Any) -> Iterator[Any]:
        """What is wrong, a message each; with ``fix`` first what could be mended. Nothing where all is well."""
        if request.fix:
            with self.store.transaction() as txn:
                fixed = mending.mend(txn)
            for text in fixed:
                yield pfs_pb2.FsckResponse(fix=text)
        with self.store.snapshot() as conn:
            errors = [*fsck.problems(conn), *self._zombies(conn, request)]
        for text in chain(errors, damage.problems(self.store)):
            yield pfs_pb2.FsckResponse(error=text)

    def _zombies(self, conn: sqlite3.Connection, request: Any) -> Iterator[str]:
        for commit in _suspects(conn, request):
            yield from zombies.of(conn, self.store.files, commit)


def _suspects(conn: sqlite3.Connection, request: Any) -> list[Commit]:
    if request.HasField("zombie_target"):
        reference = pfs_requests.read_commit(request.zombie_target)
        return [resolve(conn, reference.repo, reference.branch, reference.id).key]
    return zombies.heads(conn) if request.zombie_all else []
