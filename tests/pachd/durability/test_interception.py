"""The disk that fails on demand: it sees what Python and SQLite write, and undoes exactly what was not synced."""

from __future__ import annotations

import signal
import sqlite3
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.pachd.durability.failing import Fault

if TYPE_CHECKING:
    from tests.pachd.durability.failing import FailingDisk

PYTHON = """
import os
file = os.open("file", os.O_RDWR | os.O_CREAT)
os.pwrite(file, b"1" * 10_000, 0)
os.fsync(file)
folder = os.open(".", os.O_RDONLY)
os.fsync(folder)
os.pwrite(file, b"2" * 4096, 4096)
os.pwrite(file, b"3" * 5000, 10_000)
os.ftruncate(file, 12_000)
os.mkdir("folder")
os.rename("file", "folder/renamed")
open("folder/other", "w").write("words")
os.remove("folder/other")
"""
OPERATIONS = ["create", "write", "sync", "sync", "write", "write", "truncate"]
OPERATIONS += ["mkdir", "rename", "create", "write", "remove"]

SQLITE = """
import sqlite3
connection = sqlite3.connect("words.db")
connection.execute("PRAGMA journal_mode=WAL")
connection.execute("PRAGMA synchronous=FULL")
connection.execute("CREATE TABLE words (word)")
connection.execute("PRAGMA wal_checkpoint")
with connection:
    connection.execute("INSERT INTO words VALUES ('kept')")
with connection:
    connection.execute("INSERT INTO words VALUES ('new')")
"""


def test_it_sees_the_calls_of_python(disk: FailingDisk) -> None:
    assert disk.run(PYTHON) == 0
    assert [operation.what for operation in disk.operations()] == OPERATIONS
    assert not disk.ended()


def test_it_sees_the_calls_of_sqlite(disk: FailingDisk) -> None:
    assert disk.run(SQLITE) == 0
    seen = Counter(map(str, disk.operations()))
    assert {name for name in seen if name.endswith("-shm")} == set()
    assert seen["create /words.db-wal"] == seen["remove /words.db-wal"] == 1
    assert seen["write /words.db-wal"] > 6  # a header, and two parts a page
    assert min(seen["write /words.db"], seen["sync /words.db"], seen["sync /words.db-wal"]) > 1


@pytest.mark.parametrize("kind", ["kill", "power", "reorder"])
def test_it_ends_the_process_where_it_is_told_to(disk: FailingDisk, kind: str) -> None:
    assert disk.run(PYTHON, Fault(kind, 5)) == -signal.SIGKILL
    assert len(disk.operations()) == 5
    assert disk.ended()


def test_a_killed_process_leaves_half_a_write(disk: FailingDisk) -> None:
    disk.run(PYTHON, Fault("kill", 2))
    assert (disk.root / "file").read_bytes() == b"1" * 5000


def test_without_power_remains_what_was_synced(disk: FailingDisk) -> None:
    disk.run(PYTHON, Fault("power", len(OPERATIONS)))
    assert [path.name for path in disk.root.iterdir()] == ["file"]
    assert (disk.root / "file").read_bytes() == b"1" * 10_000


def test_a_file_whose_folder_was_not_synced_is_gone(disk: FailingDisk) -> None:
    disk.run(PYTHON, Fault("power", 4))
    assert list(disk.root.iterdir()) == []


def test_a_disk_may_write_in_any_order(disk: FailingDisk) -> None:
    """Of two blocks that were not synced, each is there or not; what was synced before is there in any case."""
    seen = set()
    for seed in range(20):
        disk.run(PYTHON, Fault("reorder", 7, seed=seed))
        data = (disk.root / "file").read_bytes()
        assert data[:4096] == b"1" * 4096
        seen.add((data[4096:4097], data[10_000:10_001]))
        (disk.root / "file").unlink()
    assert seen >= {(b"1", b""), (b"2", b""), (b"1", b"3"), (b"2", b"3"), (b"2", b"\0")}


@pytest.mark.parametrize("kind", ["power", "reorder"])
def test_sqlite_keeps_its_promise_on_it(disk: FailingDisk, kind: str) -> None:
    """Whatever is lost, SQLite finds the transactions up to one of them, in their order."""
    disk.run(SQLITE)
    operations = disk.operations()
    synced = [number for number, operation in enumerate(operations, 1) if operation.what == "sync"]
    for at in range(synced[0], len(operations), 3):
        for path in disk.root.iterdir():
            path.unlink()
        disk.run(SQLITE, Fault(kind, at, seed=at))
        connection = sqlite3.connect(disk.root / "words.db")
        tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
        words = connection.execute("SELECT word FROM words").fetchall() if tables else []
        connection.close()
        assert words in ([], [("kept",)], [("kept",), ("new",)])


def test_errors_come_and_go(disk: FailingDisk) -> None:
    script = """
import os, errno
file = os.open("file", os.O_RDWR | os.O_CREAT)
def fails(call, *arguments):
    try:
        call(*arguments)
    except OSError as error:
        return errno.errorcode[error.errno]
said = [fails(os.write, file, b"x"), fails(os.fsync, file), fails(os.mkdir, "new"), fails(os.mkdir, "new")]
assert said == %r, said
"""
    assert disk.run(script % ["ENOSPC", None, "ENOSPC", None], Fault("enospc", 2, count=3)) == 0
    (disk.root / "file").unlink()
    (disk.root / "new").rmdir()
    assert disk.run(script % ["EIO", "EIO", "EIO", None], Fault("eio", 2, count=3)) == 0
