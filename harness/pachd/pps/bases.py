"""The base of a job: the latest good run of its pipeline before it, by which it skips datums."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.pfs import records
from harness.pachd.pps.keys import Job

if TYPE_CHECKING:
    import sqlite3


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
