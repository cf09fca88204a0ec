"""The unit of work."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Hashable

    from harness.pachd.pfs.keys import Branch, Commit
    from harness.pachd.pfs.version_store import VersionStore


class Txn:
    """One server transaction: one SQLite transaction, one commit-set id, one time.

    Every commit made in it carries ``id``; everything written in it the time ``now`` (nanoseconds since the epoch).
    ``dirty`` holds the branches whose heads moved, ``rewired`` those whose provenance changed; what follows from both
    is done at the end, see :mod:`harness.pachd.pfs.propagation`. ``created`` lists all commits made so far,
    ``finished`` the numbers of those that ended without error; ``fires`` says at the end that triggers wait for such.
    """

    def __init__(self, store: VersionStore, conn: sqlite3.Connection, id_: str, now: int) -> None:
        self.store = store
        self.conn = conn
        self.id = id_
        self.now = now
        self.dirty: set[Branch] = set()
        self.rewired: set[Branch] = set()
        self.created: list[Commit] = []
        self.finished: list[int] = []
        self.fires = False
        self.topics: set[Hashable] = set()

    def publish(self, topic: Hashable) -> None:
        """Wake the listeners of ``topic`` once the transaction is kept."""
        self.topics.add(topic)

    def publish_commit(self, commit: Commit) -> None:
        """Wake those who wait for ``commit`` and those who follow its repo."""
        self.topics.update((("commit", commit), ("repo", commit.repo)))
