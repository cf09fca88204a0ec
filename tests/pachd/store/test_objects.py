"""Contents come back as they went in, are stored once, and what was acknowledged survives."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness.pachd.errors import PachError
from harness.pachd.store.database import Database
from harness.pachd.store.objects import Objects
from harness.pachd.store.packs import Packs

if TYPE_CHECKING:
    from collections.abc import Iterator

MIB = 2**20


@contextmanager
def store(folder: Path) -> Iterator[tuple[Database, Objects]]:
    db = Database(folder / "metadata.db")
    objects = Objects(folder, db)
    yield db, objects
    objects.close()
    db.close()


def keep(db: Database, objects: Objects) -> None:
    with db.write() as conn:
        objects.flush(conn)


def random_bytes(size: int, seed: int = 0) -> bytes:
    return random.Random(seed).randbytes(size)  # noqa: S311 -- data


def pack_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in (folder / "packs").iterdir())


@pytest.mark.parametrize("size", [0, 1, 16 * 1024, 16 * 1024 + 1, 300_000, MIB, 3 * MIB + 7])
def test_content_comes_back_in_pieces(tmp_path: Path, size: int) -> None:
    data = random_bytes(size)
    with store(tmp_path) as (db, objects):
        content = objects.put(data)
        assert content.size == objects.size(content.hash) == size
        for _ in ("pending", "kept"):
            pieces = list(objects.read(content.hash))
            assert b"".join(pieces) == data
            assert all(0 < len(piece) <= MIB for piece in pieces)
            keep(db, objects)
        objects.export(content.hash, tmp_path / "exported")
        assert (tmp_path / "exported").read_bytes() == data


sizes = st.integers(0, 5 * MIB // 2)


@settings(max_examples=25, deadline=None)
@example(size=5 * MIB // 2, cuts=[MIB + 1, 2 * MIB + 3], seed=1, period=5 * MIB)
@given(size=sizes, cuts=st.lists(sizes, max_size=6), seed=st.integers(0, 3), period=st.sampled_from([1, 1000, 5 * MIB]))
def test_the_hash_depends_on_the_bytes_alone(size: int, cuts: list[int], seed: int, period: int) -> None:
    data = (random_bytes(min(period, size), seed) * (size // period + 1))[:size]
    edges = [0, *sorted(min(cut, size) for cut in cuts), size]
    pieces = [data[low:high] for low, high in pairwise(edges)]
    with TemporaryDirectory() as folder, store(Path(folder)) as (db, objects):
        whole = objects.put(data)
        assert objects.put(iter(pieces)) == whole
        grown = objects.put(b"")
        for piece in pieces:
            grown = objects.append(grown, piece)
            keep(db, objects)
        assert grown == whole
        for offset in edges:
            assert b"".join(objects.read(whole.hash, offset)) == data[offset:]


def test_different_bytes_have_different_hashes(tmp_path: Path) -> None:
    with store(tmp_path) as (_, objects):
        contents = [objects.put(data) for data in (b"", b"\0", b"\0\0", bytes(MIB), bytes(MIB + 1))]
        assert len({content.hash for content in contents}) == len(contents)


def test_reading_behind_the_end_gives_nothing(tmp_path: Path) -> None:
    with store(tmp_path) as (_, objects):
        content = objects.put(b"abc")
        assert list(objects.read(content.hash, 3)) == list(objects.read(content.hash, 99)) == []


def test_known_chunks_are_stored_once(tmp_path: Path) -> None:
    data = random_bytes(4 * MIB)
    with store(tmp_path) as (db, objects):
        objects.put(data)
        once = pack_bytes(tmp_path)
        assert once == len(data)
        objects.put(data)
        keep(db, objects)
        objects.put(data)
        assert pack_bytes(tmp_path) == once
        objects.put(b"a line before everything else\n" + data)
        assert pack_bytes(tmp_path) - once < MIB // 2


def test_kept_contents_survive_a_restart_and_others_do_not(tmp_path: Path) -> None:
    with store(tmp_path) as (db, objects):
        kept = objects.put(random_bytes(MIB))
        keep(db, objects)
        lost = objects.put(b"never acknowledged")
    with store(tmp_path) as (_, objects):
        assert b"".join(objects.read(kept.hash)) == random_bytes(MIB)
        with pytest.raises(PachError, match=f"stored object {lost.hash.hex()} is not in the store"):
            objects.size(lost.hash)


def test_a_failed_transaction_loses_no_content_of_others(tmp_path: Path) -> None:
    with store(tmp_path) as (db, objects):
        mine = objects.put(b"mine")

        def fail() -> None:
            with db.write() as conn:
                objects.flush(conn)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        assert b"".join(objects.read(mine.hash)) == b"mine"
        keep(db, objects)
    with store(tmp_path) as (_, objects):
        assert b"".join(objects.read(mine.hash)) == b"mine"


def test_the_tail_that_a_crash_left_does_no_harm(tmp_path: Path) -> None:
    with store(tmp_path) as (db, objects):
        before = objects.put(b"before the crash")
        keep(db, objects)
    (pack,) = (tmp_path / "packs").iterdir()
    with pack.open("ab") as file:
        file.write(b"half a chu")
    with store(tmp_path) as (db, objects):
        after = objects.put(b"after the crash")
        keep(db, objects)
        assert b"".join(objects.read(before.hash)) == b"before the crash"
        assert b"".join(objects.read(after.hash)) == b"after the crash"


@pytest.mark.parametrize("damage", ["truncated", "deleted"])
def test_a_damaged_pack_is_named(tmp_path: Path, damage: str) -> None:
    with store(tmp_path) as (db, objects):
        content = objects.put(random_bytes(MIB))
        keep(db, objects)
    (pack,) = (tmp_path / "packs").iterdir()
    if damage == "truncated":
        with pack.open("r+b") as file:
            file.truncate(MIB // 2)
    else:
        pack.rename(pack.with_name("00000007.pack"))
    with (
        store(tmp_path) as (_, objects),
        pytest.raises(PachError, match=rf"{pack.name} of the data directory is damaged"),
    ):
        list(objects.read(content.hash))


def test_uploads_go_on_while_a_transaction_is_open(tmp_path: Path) -> None:
    with store(tmp_path) as (db, objects):
        with db.write() as conn:
            early = objects.put(b"early")
            objects.flush(conn)
            late = objects.put(b"late")
        keep(db, objects)
    with store(tmp_path) as (_, objects):
        assert [b"".join(objects.read(content.hash)) for content in (early, late)] == [b"early", b"late"]


def test_many_threads_put_at_once(tmp_path: Path) -> None:
    shared = random_bytes(MIB)
    with store(tmp_path) as (db, objects):

        def upload(number: int) -> tuple[bytes, bytes]:
            data = random_bytes(200_000, number) + shared
            content = objects.put([data[:100_000], data[100_000:]])
            keep(db, objects)
            return content.hash, data

        with ThreadPoolExecutor(8) as pool:
            uploaded = dict(pool.map(upload, range(24)))
    with store(tmp_path) as (_, objects):
        for hash_, data in uploaded.items():
            assert b"".join(objects.read(hash_)) == data


def test_a_full_pack_is_followed_by_the_next(tmp_path: Path) -> None:
    packs = Packs(tmp_path, pack_bytes=100)
    places = [packs.append(bytes([number]) * 60) for number in range(5)]
    packs.sync()
    assert [place.pack for place in places] == [0, 0, 1, 1, 2]
    packs.close()
    again = Packs(tmp_path, pack_bytes=100)
    assert again.append(b"more").pack == 2
    assert [again.read(place) for place in places] == [bytes([number]) * 60 for number in range(5)]
    again.close()
