"""The stored jobs: creation, change of state, end."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.pachd.errors import pps as errors
from harness.pachd.pps.counters import Counters
from harness.pachd.pps.keys import Job, Pipeline
from harness.pachd.pps.states import JobState

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence


log = logging.getLogger("harness.pachd.jobs")

# Published when any job comes, goes or changes its state.
TOPIC = ("jobs",)

_COLUMNS = (
    "pk, project, pipeline, id, version, branch, state, reason, created, started, finished, restart, base, total, "
    "processed, skipped, failed, recovered, download_time, process_time, upload_time, download_bytes, upload_bytes"
)


def topic(job: Job) -> tuple[str, Job]:
    """Published when that job changes its state or is deleted."""
    return ("job", job)


@dataclass(frozen=True)
class JobRow:
    """A job. ``serial`` grows in order of creation; ``base`` is the id of the job that it skips by, if known."""

    serial: int
    job: Job
    version: int
    branch: str
    state: JobState
    reason: str
    created: int
    started: int | None
    finished: int | None
    restart: int
    base: str | None
    counters: Counters


def find(conn: sqlite3.Connection, job: Job) -> JobRow | None:
    """The job, if there is one."""
    return next(iter(select(conn, "WHERE project = ? AND pipeline = ? AND id = ?", key(job))), None)


def get(conn: sqlite3.Connection, job: Job) -> JobRow:
    """The job; raises JOB_NOT_FOUND."""
    found = find(conn, job)
    if found is None:
        raise errors.JOB_NOT_FOUND(job=job)
    return found


def select(conn: sqlite3.Connection, clauses: str, values: Sequence[object] = ()) -> list[JobRow]:
    """The jobs that SQL ``clauses`` of ours choose."""
    return [_row(row) for row in conn.execute(f"SELECT {_COLUMNS} FROM jobs {clauses}", values)]  # noqa: S608


def keys(conn: sqlite3.Connection) -> set[Job]:
    """The names of all jobs."""
    found = conn.execute("SELECT project, pipeline, id FROM jobs")
    return {Job(Pipeline(project, name), id_) for project, name, id_ in found}


def unfinished(conn: sqlite3.Connection) -> list[JobRow]:
    """All unfinished jobs in order of creation."""
    return select(conn, "WHERE finished IS NULL ORDER BY pk")


def unfinished_of(conn: sqlite3.Connection, pipeline: Pipeline) -> list[JobRow]:
    """The pipeline's unfinished jobs in order of creation."""
    clauses = "WHERE finished IS NULL AND project = ? AND pipeline = ? ORDER BY pk"
    return select(conn, clauses, (pipeline.project, pipeline.name))


def has_successor(conn: sqlite3.Connection, row: JobRow) -> bool:
    """Whether the pipeline has a job that was created later."""
    query = "SELECT 1 FROM jobs WHERE project = ? AND pipeline = ? AND pk > ?"
    return conn.execute(query, (row.job.pipeline.project, row.job.pipeline.name, row.serial)).fetchone() is not None


def last_state(conn: sqlite3.Connection, pipeline: Pipeline) -> JobState:
    """The state of the job created last, UNKNOWN where there is none."""
    clauses = "WHERE project = ? AND pipeline = ? ORDER BY created DESC, pk DESC LIMIT 1"
    found = select(conn, clauses, (pipeline.project, pipeline.name))
    return found[0].state if found else JobState.UNKNOWN


def key(job: Job) -> tuple[str, str, str]:
    """Its columns."""
    return job.pipeline.project, job.pipeline.name, job.id


def _row(row: Sequence[Any]) -> JobRow:
    serial, project, name, id_, version, branch, state, reason, created, started, finished, restart, base = row[:13]
    job = Job(Pipeline(project, name), id_)
    state = JobState(state)
    counters = Counters(*row[13:])
    return JobRow(serial, job, version, branch, state, reason, created, started, finished, restart, base, counters)
