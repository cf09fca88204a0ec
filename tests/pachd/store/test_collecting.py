"""Garbage leaves the store; what anybody may still need does not."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from harness.pachd.errors import PachError
from harness.pachd.pfs.filesets import EMPTY
from tests.pachd.store.named_store import FILES, OTHER, NamedStore, Reading, model

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.pachd.pfs.edits import Edit


@pytest.fixture
def store(tmp_path: Path) -> Iterator[NamedStore]:
    made = NamedStore(tmp_path)
    yield made
    made.close()


def test_what_nothing_names_leaves_the_disk(store: NamedStore) -> None:
    store.add("kept", OTHER)
    before = store.rows()
    store.add("gone", FILES)
    taken = store.pack_bytes()
    store.drop("gone")
    store.collector.collect()
    assert store.rows() == before
    assert store.pack_bytes() < taken - sum(map(len, FILES.values())) + sum(map(len, OTHER.values()))
    assert store.model(store.root("kept")) == model(OTHER)


def test_an_emptied_store_takes_hardly_any_room(store: NamedStore) -> None:
    many = {f"/{number:06}": number.to_bytes(4, "big") * 100 for number in range(4000)}
    store.add("gone", {**many, **FILES})
    store.drop("gone")
    store.collector.collect()
    assert store.pack_bytes() == 0
    assert sum(path.stat().st_size for path in store.folder.glob("metadata.db*")) < 300_000


def test_a_second_collection_finds_nothing(store: NamedStore) -> None:
    store.add("gone", FILES)
    store.add("kept", OTHER)
    store.drop("gone")
    assert store.collector.collect()["chunks"] > 0
    assert not any(store.collector.collect().values())


def test_a_dropped_upload_leaves_nothing(store: NamedStore) -> None:
    edit = store.begin(FILES)
    del edit
    store.collector.collect()
    assert not any(store.rows().values())
    assert store.pack_bytes() == 0


def test_an_upload_keeps_what_it_found_stored(store: NamedStore) -> None:
    store.add("first", FILES)
    edit = store.begin(FILES)
    store.drop("first")
    store.collector.collect()
    store.commit("second", edit)
    assert store.model(store.root("second")) == model(FILES)


def test_a_copy_keeps_what_it_copies(store: NamedStore) -> None:
    store.add("first", FILES)
    edit = store.files.edit(EMPTY)
    edit.insert_all(store.files.walk(store.root("first")))
    store.drop("first")
    store.collector.collect()
    store.commit("second", edit)
    assert store.model(store.root("second")) == model(FILES)


def test_a_reader_finishes_after_its_commit_is_gone(store: NamedStore) -> None:
    store.add("gone", FILES)
    reading = store.open("gone")
    store.drop("gone")
    store.collector.collect()
    assert reading.files() == model(FILES)
    del reading
    store.collector.collect()
    assert not any(store.rows().values())


def test_who_looked_before_the_deletion_may_still_read(store: NamedStore) -> None:
    store.add("gone", FILES)
    store.add("kept", OTHER)
    readings: list[Reading] = []
    with ExitStack() as look:
        conn = look.enter_context(store.db.read())
        (root,) = conn.execute("SELECT root FROM named WHERE name = 'gone'").fetchone()
        store.drop("gone")

        def step() -> None:
            if not readings:
                readings.append(Reading(store, bytes(root)))
                look.close()

        store.collector.collect(step)
    assert readings[0].files() == model(FILES)


def test_chunks_on_their_way_out_are_stored_anew(store: NamedStore) -> None:
    store.add("gone", FILES)
    store.drop("gone")
    edits: list[Edit] = []

    def upload() -> None:
        if not edits:
            edits.append(store.begin(FILES))

    with store.db.write() as conn:
        conn.create_function("upload", 0, upload)
        conn.execute("CREATE TEMP TRIGGER amid AFTER DELETE ON chunks BEGIN SELECT upload(); END")
    assert store.collector.collect()["chunks"] > 0
    store.commit("again", edits[0])
    assert store.model(store.root("again")) == model(FILES)


def test_packs_that_nothing_names_are_removed(store: NamedStore) -> None:
    store.add("kept", OTHER)
    orphan = store.folder / "packs" / "00000007.pack"
    orphan.write_bytes(b"of a crash")
    store.close()
    store = NamedStore(store.folder)
    store.collector.collect()
    store.add("more", FILES)
    assert not orphan.exists() or orphan.read_bytes()[:10] != b"of a crash"
    assert store.model(store.root("kept")) == model(OTHER)
    assert store.model(store.root("more")) == model(FILES)
    store.close()


def test_nothing_is_removed_from_a_damaged_store(store: NamedStore) -> None:
    store.add("kept", FILES)
    store.add("gone", OTHER)
    store.drop("gone")
    with store.db.write() as conn:
        conn.execute("DELETE FROM contents WHERE hash = (SELECT hash FROM contents ORDER BY size DESC LIMIT 1)")
    before = store.rows()
    with pytest.raises(PachError, match="is not in the store"):
        store.collector.collect()
    assert store.rows() == before
