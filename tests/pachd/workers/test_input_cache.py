"""Materialised inputs: written once, removed when there are too many, never under a user."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from harness.pachd.store.database import Database
from harness.pachd.store.objects import Objects
from harness.pachd.workers.contract import Input
from harness.pachd.workers.inputs import InputCache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEADLINE = 30
LIMIT = 100_000


@pytest.fixture
def objects(tmp_path: Path) -> Iterator[Objects]:
    database = Database(tmp_path / "metadata.db")
    objects = Objects(tmp_path, database)
    yield objects
    objects.close()
    database.close()


@pytest.fixture
def cache(tmp_path: Path, objects: Objects) -> InputCache:
    return InputCache(tmp_path / "inputs", objects, limit=LIMIT)


def wanted(objects: Objects, key: str, size: int = 30_000) -> Input:
    content = objects.put(key.encode() * (size // len(key))).hash
    return Input("in", key, lambda: [("folder/file", content)])


def use(cache: InputCache, wanted: Input) -> Path:
    with cache.hold(wanted) as copy:
        return copy.folder


def test_least_recently_used_copies_go_first(cache: InputCache, objects: Objects) -> None:
    a, b, c = (wanted(objects, key) for key in "abc")
    first, second = use(cache, a), use(cache, b)
    assert use(cache, a) == first
    third = use(cache, c)
    assert [folder.exists() for folder in (first, second, third)] == [True, False, True]
    assert (use(cache, b) / "folder/file").read_bytes() == b"b" * 30_000
    assert use(cache, c) == third  # what has gone counts no more


def test_many_small_copies_are_as_bad_as_a_few_large_ones(tmp_path: Path, objects: Objects) -> None:
    cache = InputCache(tmp_path / "inputs", objects, most=2)
    with cache.hold(wanted(objects, "a", 1)) as held:
        folders = [use(cache, wanted(objects, key, 1)) for key in "bcd"]
        assert [folder.exists() for folder in folders] == [False, True, True]
        assert held.folder.exists()
    assert [folder.exists() for folder in (*folders, held.folder)] == [False, False, True, True]


def test_copies_in_use_stay(cache: InputCache, objects: Objects) -> None:
    with cache.hold(wanted(objects, "a")) as held:
        for key in "bcde":
            use(cache, wanted(objects, key))
        assert (held.folder / "folder/file").exists()
    with cache.hold(wanted(objects, "f", LIMIT * 2)) as large:
        assert large.folder.exists()
    assert not large.folder.exists()


def test_what_could_not_be_written_is_tried_again(cache: InputCache, objects: Objects, tmp_path: Path) -> None:
    content = objects.put(b"x").hash
    answers = iter([[("a", content), ("a/b", content)], [("a", content)]])
    flaky = Input("in", "key", lambda: next(answers))
    with pytest.raises(OSError, match="a"), cache.hold(flaky):
        pass
    assert list((tmp_path / "inputs").iterdir()) == []
    with cache.hold(flaky) as copy:
        assert [file.name for file in copy.folder.iterdir()] == ["a"]


def test_users_at_the_same_time_share_one_copy(cache: InputCache, objects: Objects) -> None:
    """The second user arrives while the first one's copy is being written."""
    content = objects.put(b"x").hash
    writing, go_on = threading.Event(), threading.Event()
    folders: list[Path] = []

    def files() -> list[tuple[str, bytes]]:
        writing.set()
        assert go_on.wait(DEADLINE)
        return [("a", content)]

    first = Input("in", "key", files)
    never = Input("in", "key", lambda: pytest.fail("written twice"))
    threads = [threading.Thread(target=lambda each=each: folders.append(use(cache, each))) for each in (first, never)]
    threads[0].start()
    assert writing.wait(DEADLINE)
    threads[1].start()
    go_on.set()
    for thread in threads:
        thread.join(DEADLINE)
    assert len(folders) == 2
    assert folders[0] == folders[1]
