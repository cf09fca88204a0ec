"""Lists of jobs that are longer than one look at the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.pachd.pps import job_lists, schema
from harness.pachd.pps.job_lists import PAGE, Selection
from harness.pachd.pps.keys import Pipeline
from tests.pachd.pfs.stores import opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.pachd.pfs.version_store import VersionStore

NUMBER = 2 * PAGE + PAGE // 2
NAMES = ("a", "b", "c")  # a set has a job of each


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VersionStore]:
    """Sets of three jobs; those of a set are created at the same time, as are those of any two sets in a row."""
    folder: Path = tmp_path_factory.mktemp("store")
    with opened(folder) as store:
        store.db.install(schema.DDL)
        rows = [
            ("default" if name != "c" else "other", name, f"{number:032x}", 1 + number % 2, number // 2)
            for number in range(NUMBER)
            for name in NAMES
        ]
        with store.transaction() as txn:
            txn.conn.executemany(
                "INSERT INTO jobs (project, pipeline, id, version, branch, state, created) "
                "VALUES (?, ?, ?, ?, 'master', 5, ?)",  # they have all succeeded
                rows,
            )
        yield store


def listed(store: VersionStore, **chosen: object) -> list[tuple[int, str, str]]:
    rows = job_lists.select(store, Selection(**chosen))  # type: ignore[arg-type]  # as each test gives them
    return [(row.created, row.job.pipeline.name, row.job.id) for row in rows]


@pytest.mark.parametrize("reverse", [False, True])
def test_every_job_is_told_once_and_in_order(store: VersionStore, reverse: bool) -> None:
    found = listed(store, reverse=reverse)
    assert len(set(found)) == len(found) == NUMBER * len(NAMES)
    assert found == sorted(found, key=lambda job: (job[0] if reverse else -job[0], job[1] == "c", *job[1:]))


@pytest.mark.parametrize("reverse", [False, True])
def test_a_marker_leaves_out_its_own_moment(store: VersionStore, reverse: bool) -> None:
    found = listed(store, marker=7, reverse=reverse)
    assert {created for created, _, _ in found} == (set(range(8, NUMBER // 2)) if reverse else set(range(7)))


def test_filters_hold_across_pages(store: VersionStore) -> None:
    pipeline = Pipeline("default", "b")
    assert [job[1] for job in listed(store, pipeline=pipeline)] == ["b"] * NUMBER
    assert [job[1] for job in listed(store, projects=frozenset({"other"}))] == ["c"] * NUMBER
    assert listed(store, projects=frozenset({"none"})) == []


def test_sets_come_whole(store: VersionStore) -> None:
    sets = list(job_lists.sets(store, Selection()))
    assert len(sets) == NUMBER
    assert {tuple(row.job.pipeline.name for row in rows) for rows in sets} == {NAMES}
    assert all(len({row.job.id for row in rows}) == 1 for rows in sets)
