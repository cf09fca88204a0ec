"""The base of a job: the latest good run of its pipeline before it, by which it skips datums."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from harness.pachd.pfs import records
from harness.pachd.pps.keys import Job

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator

    from harness.pachd.pps.job_run import JobRun
    from harness.pachd.pps.tools import Tools

    Peers = Callable[[Job], "JobRun | None"]
    # Ids and hashes of datums, in order of the ids.
    Hashes = Iterator[tuple[bytes, bytes]]


class BaseFailed(Exception):  # noqa: N818 -- an event, named as such
    """The job that another one was to skip by has failed after all."""


class Known(NamedTuple):
    """The datums of a base: ids and hashes in order of the ids. Hashes are empty until all is ``complete``."""

    datums: Hashes
    complete: bool


class Base:
    """What a job needs to know of its base, which may still be running; None answers mean: not known yet."""

    def __init__(self, tools: Tools, job: Job | None, peers: Peers) -> None:
        """``job`` is the base, None for the first job of all; ``peers`` finds the runs of jobs in progress."""
        self._tools = tools
        self.job = job
        self._peers = peers

    def known(self) -> Known | None:
        """Its datums, when they are known. Raises BaseFailed."""
        peer = self._peers(self.job) if self.job is not None else None
        found = self.hashes()
        if found is not None:
            return Known(found, complete=True)
        if peer is not None and (roster := peer.roster) is not None:
            return Known(roster.ids(), complete=False)
        return None

    def hashes(self) -> Hashes | None:
        """Its datums once it is finished. Raises BaseFailed."""
        with self._tools.store.snapshot() as conn:
            if self.job is not None and failed(conn, self.job):
                raise BaseFailed
            if self.job is None or finished(conn, self.job):
                return self._tools.sets.hashes(conn, self.job)
        return None


def choose(conn: sqlite3.Connection, job: Job) -> Job | None:
    """The nearest ancestor along the meta commits that has not failed; it may still be running."""
    row = records.get(conn, job.meta)
    while row.parent is not None:
        row = records.get(conn, row.parent)
        candidate = Job(job.pipeline, row.key.id)
        if row.origin == records.AUTO and not failed(conn, candidate):
            return candidate
    return None


def failed(conn: sqlite3.Connection, job: Job) -> bool:
    """Whether one of the job's commits has an error, or is gone."""
    rows = [records.find(conn, commit) for commit in (job.meta, job.output)]
    return any(row is None or row.error for row in rows)


def finished(conn: sqlite3.Connection, job: Job) -> bool:
    """Whether the job has ended, as its commits say."""
    row = records.find(conn, job.meta)
    return row is None or row.finished is not None
