"""The stored jobs: creation, change of state, end."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.pachd.errors import pps as errors
from harness.pachd.pfs import commits, records
from harness.pachd.pfs.keys import USER
from harness.pachd.pps import results, versions
from harness.pachd.pps.counters import Counters
from harness.pachd.pps.keys import Job, Pipeline
from harness.pachd.pps.states import JobState

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from harness.pachd.pfs.keys import Commit
    from harness.pachd.pfs.txn import Txn

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
    return next(iter(select(conn, "WHERE project = ? AND pipeline = ? AND id = ?", _key(job))), None)


def get(conn: sqlite3.Connection, job: Job) -> JobRow:
    """The job; raises JOB_NOT_FOUND."""
    found = find(conn, job)
    if found is None:
        raise errors.JOB_NOT_FOUND(job=job)
    return found


def select(conn: sqlite3.Connection, clauses: str, values: Sequence[object] = ()) -> list[JobRow]:
    """The jobs that SQL ``clauses`` of ours choose."""
    return [_row(row) for row in conn.execute(f"SELECT {_COLUMNS} FROM jobs {clauses}", values)]  # noqa: S608


def unfinished(conn: sqlite3.Connection) -> list[JobRow]:
    """All unfinished jobs in order of creation."""
    return select(conn, "WHERE finished IS NULL ORDER BY pk")


def unfinished_of(conn: sqlite3.Connection, pipeline: Pipeline) -> list[JobRow]:
    """The pipeline's unfinished jobs in order of creation."""
    clauses = "WHERE finished IS NULL AND project = ? AND pipeline = ? ORDER BY pk"
    return select(conn, clauses, (pipeline.project, pipeline.name))


def last_state(conn: sqlite3.Connection, pipeline: Pipeline) -> JobState:
    """The state of the job created last, UNKNOWN where there is none."""
    clauses = "WHERE project = ? AND pipeline = ? ORDER BY pk DESC LIMIT 1"
    found = select(conn, clauses, (pipeline.project, pipeline.name))
    return found[0].state if found else JobState.UNKNOWN


def create_all(txn: Txn) -> None:
    """At the end of a transaction: a job for each open commit that it made on a pipeline's output branch."""
    for commit in txn.created:
        if commit.repo.type != USER:
            continue
        pipeline = Pipeline(commit.repo.project, commit.repo.name)
        version = versions.current(txn.conn, pipeline)
        if version is None:
            continue
        row = records.get(txn.conn, commit)
        if row.finished is None and row.branch.name == version.branch:
            _create(txn, Job(pipeline, commit.id), version)


def _create(txn: Txn, job: Job, version: versions.Version) -> None:
    txn.conn.execute(
        "INSERT INTO jobs (project, pipeline, id, version, branch, state, created) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*_key(job), version.number, version.branch, JobState.CREATED, txn.now),
    )
    _announce(txn, job, "created")


def move(txn: Txn, job: Job, state: JobState, reason: str = "", note: str = "") -> None:
    """Set the state of an unfinished job; RUNNING sets its start, a terminal state its end. ``note`` is logged."""
    started = txn.now if state is JobState.RUNNING or state.terminal else None
    finished = txn.now if state.terminal else None
    txn.conn.execute(
        "UPDATE jobs SET state = ?, reason = ?, started = COALESCE(started, ?), finished = ? "
        "WHERE project = ? AND pipeline = ? AND id = ?",
        (state, reason, started, finished, *_key(job)),
    )
    told = note or reason
    mark = ", " if state is JobState.RUNNING else ": "
    _announce(txn, job, state.name.lower() + (f"{mark}{told}" if told else ""))


def end(
    txn: Txn, job: Job, state: JobState, reason: str, roots: tuple[bytes | None, bytes | None] = (None, None)
) -> None:
    """Finish the job's output and meta commits with ``roots`` and ``reason`` as error, and the job with them.

    A job whose output turns out to be invalid ends in FAILURE for that, whatever ``state`` says.
    """
    output, meta = roots
    invalid = _seal(txn, job.output, output, reason)
    if invalid and not reason:
        state, reason = JobState.FAILURE, invalid
    _seal(txn, job.meta, meta, reason)
    results.settle(txn, job)
    counters = get(txn.conn, job).counters
    note = "" if reason else f"{counters.processed} processed, {counters.skipped} skipped"
    move(txn, job, state, reason, note)


def _seal(txn: Txn, commit: Commit, root: bytes | None, reason: str) -> str:
    """Finish a commit, unless it was deleted or finished by force; returns the error that it has now."""
    row = records.find(txn.conn, commit)
    if row is None or row.finished is not None:
        return row.error if row is not None else ""
    return commits.seal(txn, commit, root, reason)


def kill(txn: Txn, row: JobRow, reason: str) -> None:
    """End an unfinished job in KILLED; one that has ended is left alone."""
    if row.finished is None:
        end(txn, row.job, JobState.KILLED, reason)


def removed(txn: Txn, gone: list[Commit]) -> None:
    """Forget the jobs whose output commits are squashed or dropped."""
    for commit in gone:
        if commit.repo.type == USER:
            forget(txn, Job(Pipeline(commit.repo.project, commit.repo.name), commit.id))


def forget(txn: Txn, job: Job) -> None:
    """Delete the job's row; commits and records stay."""
    txn.conn.execute("DELETE FROM jobs WHERE project = ? AND pipeline = ? AND id = ?", _key(job))
    _announce(txn, job, "deleted")


def count(txn: Txn, job: Job, counters: Counters) -> None:
    """Keep how far the job is."""
    assignments = ", ".join(f"{field} = :{field}" for field in vars(counters))
    values = {**vars(counters), "project": job.pipeline.project, "pipeline": job.pipeline.name, "id": job.id}
    where = "project = :project AND pipeline = :pipeline AND id = :id"
    txn.conn.execute(f"UPDATE jobs SET {assignments} WHERE {where}", values)  # noqa: S608 -- our own field names


def set_base(txn: Txn, job: Job, base: str | None) -> None:
    """Keep which job this one skips by."""
    txn.conn.execute("UPDATE jobs SET base = ? WHERE project = ? AND pipeline = ? AND id = ?", (base, *_key(job)))


def count_restart(txn: Txn, job: Job) -> None:
    """Count one more start from the beginning."""
    txn.conn.execute("UPDATE jobs SET restart = restart + 1 WHERE project = ? AND pipeline = ? AND id = ?", _key(job))


def _announce(txn: Txn, job: Job, what: str) -> None:
    txn.publish(TOPIC)
    txn.publish(topic(job))
    txn.store.db.at_end(lambda kept: log.info("job %s@%s: %s", job.pipeline.name, job.id[:8], what) if kept else None)


def _key(job: Job) -> tuple[str, str, str]:
    return job.pipeline.project, job.pipeline.name, job.id


def _row(row: Sequence[Any]) -> JobRow:
    serial, project, name, id_, version, branch, state, reason, created, started, finished, restart, base = row[:13]
    job = Job(Pipeline(project, name), id_)
    state = JobState(state)
    counters = Counters(*row[13:])
    return JobRow(serial, job, version, branch, state, reason, created, started, finished, restart, base, counters)
