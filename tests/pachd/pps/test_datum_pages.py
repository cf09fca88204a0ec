"""Lists of datums that are longer than one look at the store."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from harness.pachd.pfs.keys import new_id
from harness.pachd.pps import datum_lists, results, schema
from harness.pachd.pps.datum_sets import DatumSets
from harness.pachd.pps.keys import Job, Pipeline
from harness.pachd.pps.results import Result, Stats
from harness.pachd.pps.states import DatumState, JobState
from tests.pachd.pfs.stores import opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.pachd.pfs.version_store import VersionStore

DATUMS = [f"{number:064x}" for number in range(0, 2500, 10)]


def executed(datum: str) -> Result:
    return Result(datum, datum, DatumState.SUCCESS, "", "{}", b"", (), Stats())


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VersionStore]:
    with opened(tmp_path_factory.mktemp("store")) as store:
        store.db.install(schema.DDL)
        yield store


def ended(store: VersionStore, state: JobState) -> tuple[DatumSets, Job]:
    """A job that executed all datums; of a good one they are kept as its set."""
    sets, job = DatumSets(store.db, store.objects.pins), Job(Pipeline("default", new_id()), new_id())
    with store.transaction() as txn:
        txn.conn.execute(
            "INSERT INTO jobs (project, pipeline, id, version, branch, state, created) "
            "VALUES (?, ?, ?, 1, 'master', ?, 1)",
            (job.pipeline.project, job.pipeline.name, job.id, state),
        )
        results.keep(txn, job, map(executed, DATUMS))
        if state is JobState.SUCCESS:
            sets.keep(txn, job, None, ())
    return sets, job


@pytest.mark.parametrize("state", [JobState.SUCCESS, JobState.FAILURE])
def test_every_datum_is_told_once_and_in_order(store: VersionStore, state: JobState) -> None:
    sets, job = ended(store, state)

    def listed(after: str) -> list[str]:
        return [record.datum for record in datum_lists.listing(store, sets, job, after)]

    assert listed("") == DATUMS
    assert listed(DATUMS[120]) == DATUMS[121:]
    assert listed(DATUMS[120][:-1]) == DATUMS[120:]  # half an id, as a client might send
    assert listed("no id at all") == []
    assert listed(DATUMS[-1]) == []


def test_a_list_that_nobody_reads_on_keeps_nothing_back(store: VersionStore) -> None:
    sets, job = ended(store, JobState.SUCCESS)
    slow = datum_lists.listing(store, sets, job)
    assert next(slow).datum == DATUMS[0]
    waiting = threading.Thread(target=store.db.settle, daemon=True)  # as garbage collection does
    waiting.start()
    waiting.join(30)
    assert not waiting.is_alive(), "waited 30 s for all snapshots to end"
    assert [record.datum for record in slow] == DATUMS[1:]
