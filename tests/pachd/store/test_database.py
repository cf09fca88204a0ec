"""Transactions of the metadata database."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from harness.pachd.store.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "metadata.db")
    database.install("CREATE TABLE IF NOT EXISTS things (name TEXT);")
    yield database
    database.close()


def things(db: Database) -> int:
    with db.read() as conn:
        return int(conn.execute("SELECT count(*) FROM things").fetchone()[0])


def write(db: Database, outcomes: list[tuple[bool, int]], *, fail: bool) -> None:
    with db.write() as conn:
        conn.execute("INSERT INTO things VALUES ('x')")
        db.at_end(lambda kept: outcomes.append((kept, things(db))))
        assert things(db) == 0
        if fail:
            raise ZeroDivisionError


def test_the_end_of_a_transaction_is_told_once_with_its_outcome(db: Database) -> None:
    outcomes: list[tuple[bool, int]] = []
    with pytest.raises(ZeroDivisionError):
        write(db, outcomes, fail=True)
    assert outcomes == [(False, 0)]
    write(db, outcomes, fail=False)
    assert outcomes == [(False, 0), (True, 1)]


def test_a_snapshot_does_not_move(db: Database) -> None:
    with db.read() as conn:
        before = conn.execute("SELECT count(*) FROM things").fetchone()[0]
        write(db, [], fail=False)
        assert conn.execute("SELECT count(*) FROM things").fetchone()[0] == before == 0
    assert things(db) == 1


def test_what_a_floor_needs_is_created_whole_or_not_at_all(db: Database) -> None:
    with pytest.raises(sqlite3.OperationalError):
        db.install("CREATE TABLE IF NOT EXISTS more (name TEXT); CREATE INDEX IF NOT EXISTS by_size ON things (size)")
    with db.read() as conn:
        assert conn.execute("SELECT name FROM sqlite_master WHERE name = 'more'").fetchone() is None
    db.install("CREATE TABLE IF NOT EXISTS more (name TEXT); CREATE INDEX IF NOT EXISTS by_name ON things (name)")
    with db.read() as conn:
        assert conn.execute("SELECT count(*) FROM more").fetchone()[0] == 0
