"""What happens to stored jobs: they are created, change their state, end, are forgotten."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from harness.pachd.errors import pps as errors
from harness.pachd.pfs import commits, records
from harness.pachd.pfs.keys import USER
from harness.pachd.pps import jobs, results, versions
from harness.pachd.pps.jobs import key
from harness.pachd.pps.keys import Job, Pipeline
from harness.pachd.pps.states import JobState, PipelineKind

if TYPE_CHECKING:
    from harness.pachd.pfs.keys import Commit
    from harness.pachd.pfs.txn import Txn
    from harness.pachd.pps.counters import Counters
    from harness.pachd.pps.jobs import JobRow

log = logging.getLogger("harness.pachd.jobs")


def create_all(txn: Txn) -> None:
    """At the end of a transaction: a job for each open commit that it made on a pipeline's output branch."""
    for commit in txn.created:
        if commit.repo.type != USER:
            continue
        pipeline = Pipeline(commit.repo.project, commit.repo.name)
        version = versions.current(txn.conn, pipeline)
        if version is None or version.kind is PipelineKind.SPOUT:
            continue
        row = records.get(txn.conn, commit)
        if row.finished is None and row.branch.name == version.branch:
            _create(txn, Job(pipeline, commit.id), version)


def _create(txn: Txn, job: Job, version: versions.Version) -> None:
    txn.conn.execute(
        "INSERT INTO jobs (project, pipeline, id, version, branch, state, created) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*key(job), version.number, version.branch, JobState.CREATED, txn.now),
    )
    _announce(txn, job, "created")


def move(txn: Txn, job: Job, state: JobState, reason: str = "", note: str = "") -> None:
    """Set the state of an unfinished job; RUNNING sets its start, a terminal state its end. ``note`` is logged."""
    started = txn.now if state is JobState.RUNNING or state.terminal else None
    finished = txn.now if state.terminal else None
    txn.conn.execute(
        "UPDATE jobs SET state = ?, reason = ?, started = COALESCE(started, ?), finished = ? "
        "WHERE project = ? AND pipeline = ? AND id = ?",
        (state, reason, started, finished, *key(job)),
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
    counters = jobs.get(txn.conn, job).counters
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


def report(txn: Txn, row: JobRow, state: JobState, reason: str, restart: int, counters: Counters) -> None:
    """UpdateJobState: what somebody else than this server's workers says of an unfinished job.

    It may end in any bad state, with what it has. Raises JOB_FINISHED; FOREIGN_SUCCESS, because later jobs build on
    what a good one is known to have done.
    """
    if row.finished is not None:
        raise errors.JOB_FINISHED(job=row.job)
    if state is JobState.SUCCESS:
        raise errors.FOREIGN_SUCCESS(job=row.job)
    count(txn, row.job, counters)
    txn.conn.execute("UPDATE jobs SET restart = ? WHERE pk = ?", (restart, row.serial))
    if state.terminal:
        end(txn, row.job, state, reason or f"job {state.name.lower()}")
    else:
        move(txn, row.job, state, reason)


def removed(txn: Txn, gone: list[Commit]) -> list[Job]:
    """Forget the jobs whose output commits are squashed or dropped; returns them, and what else might have been one."""
    doomed = [
        Job(Pipeline(commit.repo.project, commit.repo.name), commit.id) for commit in gone if commit.repo.type == USER
    ]
    for job in doomed:
        forget(txn, job)
    return doomed


def forget(txn: Txn, job: Job) -> None:
    """Delete the job's row; commits and records stay."""
    txn.conn.execute("DELETE FROM jobs WHERE project = ? AND pipeline = ? AND id = ?", key(job))
    _announce(txn, job, "deleted")


def count(txn: Txn, job: Job, counters: Counters) -> None:
    """Keep how far the job is."""
    assignments = ", ".join(f"{field} = :{field}" for field in vars(counters))
    values = {**vars(counters), "project": job.pipeline.project, "pipeline": job.pipeline.name, "id": job.id}
    where = "project = :project AND pipeline = :pipeline AND id = :id"
    txn.conn.execute(f"UPDATE jobs SET {assignments} WHERE {where}", values)  # noqa: S608 -- our own field names


def set_base(txn: Txn, job: Job, base: str | None) -> None:
    """Keep which job this one skips by."""
    txn.conn.execute("UPDATE jobs SET base = ? WHERE project = ? AND pipeline = ? AND id = ?", (base, *key(job)))


def count_restart(txn: Txn, job: Job) -> None:
    """Count one more start from the beginning."""
    txn.conn.execute("UPDATE jobs SET restart = restart + 1 WHERE project = ? AND pipeline = ? AND id = ?", key(job))


def _announce(txn: Txn, job: Job, what: str) -> None:
    txn.publish(jobs.TOPIC)
    txn.publish(jobs.topic(job))
    txn.store.db.at_end(lambda kept: log.info("job %s@%s: %s", job.pipeline.name, job.id[:8], what) if kept else None)
