"""The datums of a job as clients see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.errors import pps as errors
from harness.pachd.pps import jobs, results
from harness.pachd.pps.states import JobState

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from harness.pachd.pps.datum_sets import DatumSets
    from harness.pachd.pps.keys import Job
    from harness.pachd.pps.results import Record


def listing(conn: sqlite3.Connection, sets: DatumSets, job: Job) -> Iterator[Record]:
    """The job's datums by id: of a good one all, skipped ones included; else those executed so far."""
    if jobs.get(conn, job).state is JobState.SUCCESS:
        return sets.records(conn, job)
    return iter(results.of_job(conn, job))


def get(conn: sqlite3.Connection, sets: DatumSets, job: Job, datum: str) -> Record:
    """One datum of the job; raises JOB_NOT_FOUND and DATUM_NOT_FOUND."""
    if jobs.get(conn, job).state is JobState.SUCCESS:
        found = sets.record(conn, job, datum)
    else:
        found = next((record for record in results.of_job(conn, job) if record.datum == datum), None)
    if found is None:
        raise errors.DATUM_NOT_FOUND(datum=datum, job=job)
    return found
