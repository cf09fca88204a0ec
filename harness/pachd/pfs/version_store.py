"""The version store: what its floors above hold in their hands."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.pachd.pfs import firing, projects, propagation, roots, schema, temporary
from harness.pachd.pfs.filesets import FileSets
from harness.pachd.pfs.keys import new_id
from harness.pachd.pfs.schedules import SECOND
from harness.pachd.pfs.txn import Txn
from harness.pachd.store.collecting import Collector
from harness.pachd.store.marking import Named

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from harness.pachd.pfs.keys import Commit, Repo
    from harness.pachd.store.database import Database
    from harness.pachd.store.events import Events
    from harness.pachd.store.marking import Names
    from harness.pachd.store.objects import Objects


log = logging.getLogger(__name__)


class VersionStore:
    """Repos, branches, commits and files in one database.

    The floor above hangs itself in by four lists: ``at_end`` runs after propagation inside each transaction;
    ``at_removal`` when commits leave through SquashCommitSet or DropCommitSet, before they are gone; a true answer
    from ``repo_guards`` forbids to delete a repo, one from ``finish_guards`` forbids users to finish a commit.

    What is stored stays for as long as something names it. Whoever keeps names in tables of its own hangs itself in:
    ``content_roots`` yields roots of file sets, ``plain_roots`` roots of maps whose values name no contents,
    ``content_hashes`` contents that are in no map. ``collector`` removes the rest.

    Events are published after a transaction is kept: ``("commit", Commit)`` when a commit is made, changes its state
    or is deleted; ``("repo", Repo)`` when that happens to any commit of the repo.

    ``clock`` tells the time in nanoseconds since the epoch.
    """

    def __init__(self, db: Database, objects: Objects, events: Events, clock: Callable[[], int] = time.time_ns) -> None:
        self.db = db
        self.objects = objects
        self.events = events
        self.clock = clock
        self.files = FileSets(db, objects)
        self.at_end: list[Callable[[Txn], None]] = []
        self.at_removal: list[Callable[[Txn, list[Commit]], None]] = []
        self.repo_guards: list[Callable[[sqlite3.Connection, Repo], bool]] = []
        self.finish_guards: list[Callable[[sqlite3.Connection, Commit], bool]] = []
        self.content_roots: list[Names] = [roots.every, temporary.roots]
        self.plain_roots: list[Names] = []
        self.content_hashes: list[Names] = []
        self.collector = Collector(db, objects, Named(self.content_roots, self.plain_roots, self.content_hashes))
        self._clock_lock = threading.Lock()
        self._last_time = 0
        db.install(schema.DDL)
        with db.write() as conn:
            projects.install_default(conn, self.now())
            temporary.remove_expired(conn, self.now())

    @contextmanager
    def transaction(self, id_: str | None = None) -> Iterator[Txn]:
        """One server transaction with a fresh id, or with ``id_``: all of it is kept, or nothing.

        When the block ends, in this order: the DAG rule, propagation, ``at_end``; then contents and metadata reach the
        disk; then listeners wake, and triggers fire for commits that it finished, each in a transaction of its own.
        Not re-entrant, and nothing in it may wait: it holds the only write lock.
        """
        self.objects.sync()  # here, and not while others wait for the lock
        with self.db.write() as conn:
            txn = Txn(self, conn, id_ or new_id(), self.now())
            yield txn
            self._complete(txn)
            self.objects.flush(conn)
        self.events.publish(txn.topics)
        if txn.fires:
            self.fire_triggers()

    def fire_triggers(self) -> None:
        """Fire the triggers of all commits that are noted for it. What fails is noted still, for the next time."""
        with self.snapshot() as conn:
            noted = firing.noted(conn)
        try:
            for pk in noted:
                with self.transaction() as txn:
                    firing.fire(txn, pk)
        except Exception:  # what finished the commit was kept and must not seem to have failed
            log.exception("firing triggers")

    @contextmanager
    def rehearsal(self, conn: sqlite3.Connection, id_: str) -> Iterator[Txn]:
        """Inside ``Database.write()``: a server transaction that is run to its very end, and then undone."""
        with self.db.undone():
            txn = Txn(self, conn, id_, self.now())
            yield txn
            self._complete(txn)

    def snapshot(self) -> AbstractContextManager[sqlite3.Connection]:
        """A consistent view of what was kept before; see :meth:`Database.read`."""
        return self.db.read()

    def now(self) -> int:
        """The time, later than every time given before, and never a whole second: clients read those as unset."""
        with self._clock_lock:
            now = max(self.clock(), self._last_time + 1)
            self._last_time = now + 1 if now % SECOND == 0 else now
            return self._last_time

    def _complete(self, txn: Txn) -> None:
        propagation.propagate(txn)
        for hook in self.at_end:
            hook(txn)
        firing.note(txn)
