"""The datums of a job as clients see them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from harness.pachd.errors import pps as errors
from harness.pachd.pps import jobs, results
from harness.pachd.pps.states import JobState

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from harness.pachd.pfs.version_store import VersionStore
    from harness.pachd.pps.datum_sets import DatumSets
    from harness.pachd.pps.keys import Job
    from harness.pachd.pps.results import Record

PAGE = 100


def listing(store: VersionStore, sets: DatumSets, job: Job, after: str = "") -> Iterator[Record]:
    """The job's datums by id, behind ``after``: of a good one all, skipped ones included; else those executed so far.

    Each page is of its own moment: whoever reads slowly holds no snapshot. Raises JOB_NOT_FOUND.
    """
    while True:
        with store.snapshot() as conn:
            page = _page(conn, sets, job, after)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].datum


def _page(conn: sqlite3.Connection, sets: DatumSets, job: Job, after: str) -> list[Record]:
    if jobs.get(conn, job).state is JobState.SUCCESS:
        return list(islice(sets.records(conn, job, after), PAGE))
    return results.of_job(conn, job, after, PAGE)


def get(conn: sqlite3.Connection, sets: DatumSets, job: Job, datum: str) -> Record:
    """One datum of the job; raises JOB_NOT_FOUND and DATUM_NOT_FOUND."""
    if jobs.get(conn, job).state is JobState.SUCCESS:
        found = sets.record(conn, job, datum)
    else:
        found = results.find(conn, job, datum)
    if found is None:
        raise errors.DATUM_NOT_FOUND(datum=datum, job=job)
    return found
