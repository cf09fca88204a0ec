"""How long the file sets that clients make are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.pachd.errors import PachError
from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import cache, temporary
from harness.pachd.pfs.filesets import EMPTY
from harness.pachd.pfs.schedules import SECOND
from harness.pachd.pfs.version_store import VersionStore
from harness.pachd.store.database import Database
from harness.pachd.store.events import Events
from harness.pachd.store.objects import Objects
from tests.pachd.pfs.file_store import FileStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.pachd.pfs.txn import Txn


@pytest.fixture
def store(tmp_path: Path) -> Iterator[VersionStore]:
    database = Database(tmp_path / "metadata.db")
    objects = Objects(tmp_path, database)
    yield VersionStore(database, objects, Events())
    objects.close()
    database.close()


def make(txn: Txn, life: int = temporary.LIFE) -> str:
    edit = txn.store.files.edit(EMPTY)
    edit.append("/a", "", b"data")
    return temporary.create(txn, edit, life)


def rows(store: VersionStore) -> int:
    with store.snapshot() as conn:
        return int(conn.execute("SELECT count(*) FROM file_sets").fetchone()[0])


def there(store: VersionStore, id_: str, now: int) -> bool:
    with store.snapshot() as conn:
        try:
            temporary.get(conn, id_, now)
        except PachError as error:
            assert error.kind is errors.FILE_SET_NOT_FOUND  # noqa: PT017 -- either way is right
            return False
        return True


def test_a_file_set_is_there_until_its_life_is_over(store: VersionStore) -> None:
    with store.transaction() as txn:
        id_ = make(txn)
    made = txn.now
    assert there(store, id_, made + 600 * SECOND - 1)
    assert not there(store, id_, made + 600 * SECOND)


def test_a_renewed_one_lives_from_then_on(store: VersionStore) -> None:
    with store.transaction() as txn:
        id_ = make(txn)
    with store.transaction() as txn:
        temporary.renew(txn, id_, 1800 * SECOND)
    assert there(store, id_, txn.now + 1800 * SECOND - 1)
    assert not there(store, id_, txn.now + 1800 * SECOND)


def test_what_is_over_goes_when_the_next_one_is_made(store: VersionStore) -> None:
    with store.transaction() as txn:
        make(txn, life=0)
        make(txn)
    assert rows(store) == 1


def test_what_is_over_goes_at_start(store: VersionStore) -> None:
    with store.transaction() as txn:
        make(txn, life=0)
    VersionStore(store.db, store.objects, Events())
    assert rows(store) == 0


def test_a_cached_value_keeps_its_file_sets(store: VersionStore) -> None:
    with store.transaction() as txn:
        id_ = make(txn, life=0)
        txn.conn.execute("UPDATE file_sets SET expires = ?", (txn.now + 1,))
        cache.put(txn, "key", b"value", "tag", [id_])
    with store.transaction() as txn:
        other = make(txn)
    assert there(store, id_, txn.now + 3600 * SECOND)
    with store.transaction() as txn:
        cache.clear(txn, "ta")
    assert not there(store, id_, txn.now)
    assert there(store, other, txn.now)


def test_the_cache_is_bounded(store: VersionStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_ENTRIES", 2)
    with store.transaction() as txn:
        for key in ("one", "two", "one", "three"):
            cache.put(txn, key, key.encode(), "", [])
        assert cache.get(txn.conn, "one") == b"one"
        with pytest.raises(PachError, match="cache key two not found"):
            cache.get(txn.conn, "two")


def test_their_roots_are_known_to_whoever_collects(store: VersionStore) -> None:
    with store.transaction() as txn:
        id_ = make(txn)
    with store.snapshot() as conn:
        file_set = temporary.get(conn, id_, txn.now)
        known = {root for roots in store.content_roots for root in roots(conn)}
    assert {file_set.content, file_set.operations.appended, file_set.operations.replaced} <= known


def test_shards_cut_between_paths() -> None:
    with FileStore.temporary() as files:
        root = files.of({(f"/{name}", datum): b"12" for name in "abcd" for datum in ("x", "y")})
        assert list(temporary.shards(files.files, root, most_files=3)) == [("", "/c"), ("/c", "")]
        assert list(temporary.shards(files.files, root, most_bytes=1)) == [
            ("", "/b"),
            ("/b", "/c"),
            ("/c", "/d"),
            ("/d", ""),
        ]
        assert list(temporary.shards(files.files, EMPTY)) == [("", "")]
