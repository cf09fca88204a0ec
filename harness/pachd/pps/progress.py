"""How far a job is: its counters, its waits, and transactions that end where the job does."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from harness.pachd.pps import job_changes, jobs, results
from harness.pachd.pps.counters import Counters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from harness.pachd.pfs.txn import Txn
    from harness.pachd.pfs.version_store import VersionStore
    from harness.pachd.pps.jobs import JobRow
    from harness.pachd.store.events import Listener

T = TypeVar("T")


class Stopped(Exception):  # noqa: N818 -- an event, named as such
    """The job was killed or deleted, or the server is closing: there is nothing more to do for it."""


class Progress:
    """The stored state of one unfinished job, for the one thread that runs it."""

    def __init__(self, store: VersionStore, row: JobRow, listener: Listener) -> None:
        self.job = row.job
        self.counters = row.counters
        self._store = store
        self._listener = listener

    def wait(self, look: Callable[[], T | None]) -> T:
        """What ``look`` gives, as soon as it gives something. Raises Stopped."""
        found = self._listener.until(look)
        if found is None:
            raise Stopped
        return found

    @contextmanager
    def transaction(self) -> Iterator[Txn]:
        """A server transaction; raises Stopped where the job has ended meanwhile."""
        with self._store.transaction() as txn:
            row = jobs.find(txn.conn, self.job)
            if row is None or row.finished is not None or self._listener.cancelled:
                raise Stopped
            yield txn

    def begin(self, txn: Txn, total: int) -> None:
        """Count the job's datums, keeping what was done before."""
        self._count(txn, replace(self.counters, total=total))

    def skip(self, number: int, *, at_once: bool) -> None:
        """Count so many skipped datums; clients see it ``at_once``, or with the job's end."""
        self.counters = replace(self.counters, skipped=number)
        if at_once:
            with self.transaction() as txn:
                self.settle(txn)

    def keep(self, made: Sequence[results.Result]) -> None:
        """Store and count executed datums."""
        stored = results.store(self._store.objects, made)
        with self.transaction() as txn:
            results.keep(txn, self.job, stored)
            self._count(txn, results.counted(self.counters, made))

    def start_again(self, txn: Txn) -> None:
        """Forget everything that was executed."""
        results.forget(txn, self.job)
        job_changes.count_restart(txn, self.job)
        self._count(txn, Counters())

    def settle(self, txn: Txn) -> None:
        """Store what is counted."""
        self._count(txn, self.counters)

    def _count(self, txn: Txn, counters: Counters) -> None:
        job_changes.count(txn, self.job, counters)
        self.counters = counters
