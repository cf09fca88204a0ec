"""What jobs cost does not grow with the number of their datums, but for what is done for each."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.pachd.pps.datums import Datum
from harness.pachd.pps.states import JobState
from tests.pachd.pps.instant import cluster

if TYPE_CHECKING:
    import sqlite3

FEW, MANY = 20_000, 200_000
MEGABYTES = 64


def test_a_job_takes_few_transactions_and_has_few_datums_in_memory(tmp_path: Path) -> None:
    with cluster(tmp_path) as small:
        transactions, most, flush = 0, 0, small.store.objects.flush

        def count(conn: sqlite3.Connection) -> None:
            nonlocal transactions, most
            transactions += 1
            most = max(most, sum(type(each) is Datum for each in gc.get_objects()))
            flush(conn)

        small.put(range(600), b"x")
        small.store.objects.flush = count  # type: ignore[method-assign]
        assert small.create().counters.processed == 600
        assert 0 < most < 300
        assert transactions < 100


@pytest.mark.soak
def test_a_job_of_very_many_datums_takes_no_more_memory_than_one_of_many(tmp_path: Path) -> None:
    with cluster(tmp_path) as large:
        large.put(range(FEW), b"x")
        assert large.create().state is JobState.SUCCESS
        before = memory()
        for start in range(0, MANY, FEW):
            large.put(range(start, start + FEW), b"y")
            large.ended()
        row = large.create(update=True, reprocess=True)
        assert (row.state, row.counters.processed) == (JobState.SUCCESS, MANY)
        assert memory() - before < MEGABYTES
        large.put([5], b"changed")
        row = large.ended()
        assert (row.counters.processed, row.counters.skipped) == (1, MANY - 1)
        assert memory() - before < MEGABYTES


def memory() -> float:
    """The most resident megabytes of this process so far."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024
