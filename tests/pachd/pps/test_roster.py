"""Rosters: all datums of a job in a file, compared with those of the job's base."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_pachyderm.proto.v2.pps import pps_pb2

from harness.pachd.pfs.keys import Commit, Repo
from harness.pachd.pps.datums import Datum, DatumInput, Source, identify
from harness.pachd.pps.fates import Fate, compare
from harness.pachd.pps.roster import Roster

if TYPE_CHECKING:
    from pathlib import Path

SOURCES = [
    Source(pps_pb2.PFSInput(name=name, repo=name, branch="master"), Commit(Repo("default", name), "0" * 32), b"")
    for name in ("a", "b")
]


def datum(index: int, *paths: str, content: bytes = b"") -> Datum:
    parts = tuple(
        DatumInput(source, path, content or path.encode(), len(path), join_on=path)
        for source, path in zip(SOURCES, paths, strict=False)
    )
    return Datum(identify(parts), index, parts)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scratch")


HASHES = st.dictionaries(st.integers(0, 8), st.sampled_from(["one", "other"]))


@given(ours=HASHES, base=HASHES, skip=st.booleans())
def test_fates(ours: dict[int, str], base: dict[int, str], skip: bool) -> None:
    def rows(side: dict[int, str]) -> list[tuple[bytes, bytes]]:
        return [(bytes([key]), text.encode()) for key, text in sorted(side.items())]

    expected = {}
    for key in sorted(ours.keys() | base.keys()):
        if key not in base:
            expected[bytes([key])] = Fate.NEW
        elif key not in ours:
            expected[bytes([key])] = Fate.GONE
        elif not skip or ours[key] != base[key]:
            expected[bytes([key])] = Fate.CHANGED
    assert list(compare(rows(ours), rows(base), skip=skip)) == list(expected.items())


@given(indices=st.lists(st.integers(0, 3), max_size=12), executed=st.sets(st.integers(0, 11)))
def test_datums_are_executed_by_index_and_then_by_id_and_never_twice(
    folder: Path, indices: list[int], executed: set[int]
) -> None:
    datums = [datum(index, f"/{number}", "/other/") for number, index in enumerate(indices)]
    roster = Roster(folder, datums, "salt")
    roster.leave_out(each.id for number, each in enumerate(datums) if number in executed)
    roster.decide(compare(roster.hashes(), [], skip=True))
    roster.queue(Fate.NEW)
    left = [each for number, each in enumerate(datums) if number not in executed]
    expected = sorted(left, key=lambda each: (each.index, each.id))
    assert roster.queued == len(expected)
    assert roster.turns(0, roster.queued, 100) == expected
    assert roster.turns(1, 4, 2) == expected[1:4][:2]
    assert list(roster.sizes()) == [sum(part.size for part in each.inputs) for each in expected]
    assert all(roster.get(each.id) == each for each in datums)


def test_a_datum_that_comes_twice_counts_once(folder: Path) -> None:
    roster = Roster(folder, [datum(0, "/a"), datum(1, "/b"), datum(0, "/a")], "salt")
    assert roster.total == 2


def test_hashes_come_in_order_of_ids_and_with_the_salt(folder: Path) -> None:
    datums = [datum(number, f"/{number}") for number in range(20)]
    rows = sorted((bytes.fromhex(each.id), bytes.fromhex(each.hash("salt"))) for each in datums)
    roster = Roster(folder, iter(datums), "salt")
    assert list(roster.hashes()) == rows
    assert list(roster.ids()) == [(id_, b"") for id_, _ in rows]


def test_what_is_decided_again_takes_the_place_of_what_was(folder: Path) -> None:
    roster = Roster(folder, [datum(0, "/a"), datum(1, "/b")], "salt")
    rows = list(roster.hashes())
    gone = (bytes(32), b"")
    roster.decide(compare(rows, [], skip=True))
    assert roster.number(Fate.NEW) == 2
    roster.decide(compare(rows, [gone, (rows[0][0], b"changed"), rows[1]], skip=True))
    assert roster.number(Fate.NEW) == 0
    assert list(roster.having(Fate.CHANGED, Fate.GONE)) == sorted([gone[0].hex(), rows[0][0].hex()])


def test_nothing_of_a_roster_is_left(folder: Path) -> None:
    roster: Any = Roster(folder, [datum(0, "/a")], "salt")
    assert list(folder.iterdir()) == []
    assert roster.total == 1
