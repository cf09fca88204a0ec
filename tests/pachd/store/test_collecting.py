"""Garbage leaves the store; what anybody may still need does not, whatever happens while it is collected."""

from __future__ import annotations

import random
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.pachd.errors import PachError
from harness.pachd.pfs.filesets import EMPTY
from harness.pachd.store.collecting import Collector
from harness.pachd.store.marking import Named
from tests.pachd.pfs.file_store import FileStore, Model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from harness.pachd.pfs.edits import Edit

SIZES = (0, 10, 3_000, 200_000, 1_500_000)


def some_bytes(number: int) -> bytes:
    return random.Random(number).randbytes(SIZES[number % len(SIZES)])  # noqa: S311 -- data


class NamedStore(FileStore):
    """A store whose only table names file sets, as commits do."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder
        self.db.install("CREATE TABLE IF NOT EXISTS named (name TEXT PRIMARY KEY, root BLOB)")
        roots = [lambda conn: [root for (root,) in conn.execute("SELECT root FROM named")]]
        self.collector = Collector(self.db, self.objects, Named(roots, [], []))

    def begin(self, files: Mapping[str, bytes], base: bytes = EMPTY) -> Edit:
        edit = self.files.edit(base)
        for path, data in files.items():
            edit.append(path, "", data)
        return edit

    def commit(self, name: str, edit: Edit) -> None:
        with self.db.write() as conn:
            conn.execute("INSERT OR REPLACE INTO named VALUES (?, ?)", (name, edit.save(conn)))
            self.objects.flush(conn)

    def add(self, name: str, files: Mapping[str, bytes]) -> None:
        self.commit(name, self.begin(files))

    def drop(self, name: str) -> None:
        with self.db.write() as conn:
            conn.execute("DELETE FROM named WHERE name = ?", (name,))

    def root(self, name: str) -> bytes:
        with self.db.read() as conn:
            return bytes(conn.execute("SELECT root FROM named WHERE name = ?", (name,)).fetchone()[0])

    def open(self, name: str) -> Reading:
        with self.db.read() as conn:
            (root,) = conn.execute("SELECT root FROM named WHERE name = ?", (name,)).fetchone()
            return Reading(self, bytes(root))

    def rows(self) -> dict[str, set[bytes]]:
        keys = {"nodes": "hash", "contents": "hash", "chunks": "id"}
        with self.db.read() as conn:
            return {
                table: {id_ for (id_,) in conn.execute(f"SELECT {key} FROM {table}")}  # noqa: S608
                for table, key in keys.items()
            }

    def pack_bytes(self) -> int:
        return sum(self.objects.packs.sizes().values())

    def close(self) -> None:
        self.objects.close()
        self.db.close()


class Reading:
    """A reader that was let in and has still to read."""

    def __init__(self, store: NamedStore, root: bytes) -> None:
        self._store, self._root = store, root
        store.files.hold(self, root)

    def files(self) -> Model:
        return self._store.model(self._root)


def model(files: Mapping[str, bytes]) -> Model:
    return {(path, "default"): data for path, data in files.items()}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[NamedStore]:
    made = NamedStore(tmp_path)
    yield made
    made.close()


def at_step(number: int, do: Callable[[], object]) -> Callable[[], None]:
    """A step of a collection, at whose ``number``-th call ``do`` is called."""
    calls = iter(range(10_000))
    return lambda: None if next(calls) != number else void(do())


def void(_: object) -> None:
    pass


class BrokenError(Exception):
    """The process ends here."""


def fail() -> None:
    raise BrokenError


FILES = {f"/{number}": some_bytes(number) for number in range(10)}
OTHER = {"/other": some_bytes(104), "/3": some_bytes(3)}


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


def steps_of(folder: Path) -> int:
    store = scene(folder)
    count = 0

    def step() -> None:
        nonlocal count
        count += 1

    store.collector.collect(step)
    store.close()
    return count


def scene(folder: Path) -> NamedStore:
    """A store with something to keep, something to remove and a pack that has to be rewritten."""
    folder.mkdir()
    store = NamedStore(folder)
    store.add("gone", FILES)
    store.add("kept", OTHER)
    store.drop("gone")
    return store


def test_the_same_bytes_may_come_again_at_any_moment(tmp_path: Path) -> None:
    steps = steps_of(tmp_path / "count")
    assert steps > 5
    for number in range(steps):
        store = scene(tmp_path / f"{number}")
        store.collector.collect(at_step(number, lambda store=store: store.add("again", FILES)))  # type: ignore[misc]
        assert store.model(store.root("again")) == model(FILES)
        assert store.model(store.root("kept")) == model(OTHER)
        store.collector.collect()
        assert store.model(store.root("again")) == model(FILES)
        store.close()


def test_a_collection_may_end_at_any_moment(tmp_path: Path) -> None:
    for number in range(steps_of(tmp_path / "count")):
        folder = tmp_path / f"{number}"
        store = scene(folder)
        with pytest.raises(BrokenError):
            store.collector.collect(at_step(number, fail))
        store.close()
        store = NamedStore(folder)
        assert store.model(store.root("kept")) == model(OTHER)
        store.collector.collect()
        fresh = scene(tmp_path / f"{number}-fresh")
        fresh.collector.collect()
        assert store.rows() == fresh.rows()
        assert store.pack_bytes() == fresh.pack_bytes()
        store.close()
        fresh.close()


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


names = st.sampled_from("abc")
files = st.dictionaries(st.sampled_from(["/x", "/y", "/d/z"]), st.integers(0, 9), min_size=1)
actions = st.one_of(
    st.tuples(st.just("add"), names, files),
    st.tuples(st.just("drop"), names, st.none()),
    st.tuples(st.just("begin"), names, files),
    st.tuples(st.just("commit"), names, st.none()),
    st.tuples(st.just("read"), names, st.none()),
)


class Life:
    """Does random things in the pauses of collections and knows what must be in the store."""

    def __init__(self, store: NamedStore) -> None:
        self.store = store
        self.named: dict[str, Model] = {}
        self.edits: dict[str, tuple[Edit, Model]] = {}
        self.readings: list[tuple[Reading, Model]] = []

    def act(self, action: str, name: str, wanted: dict[str, int] | None) -> None:
        data = {path: some_bytes(number) for path, number in (wanted or {}).items()}
        if action == "add":
            self.store.add(name, data)
            self.named[name] = model(data)
        elif action == "drop":
            self.store.drop(name)
            self.named.pop(name, None)
        elif action == "begin":
            self.edits[name] = self.store.begin(data), model(data)
        elif action == "commit" and name in self.edits:
            edit, held = self.edits.pop(name)
            self.store.commit(name, edit)
            self.named[name] = held
        elif action == "read" and name in self.named:
            self.readings.append((self.store.open(name), self.named[name]))

    def check(self) -> None:
        for name, held in self.named.items():
            assert self.store.model(self.store.root(name)) == held
        for reading, held in self.readings:
            assert reading.files() == held


@contextmanager
def life() -> Iterator[Life]:
    with NamedStore.temporary() as store:
        assert isinstance(store, NamedStore)
        yield Life(store)


@settings(max_examples=40, deadline=None)
@given(script=st.lists(st.one_of(actions, st.just(("collect", "", None))), max_size=40), gap=st.integers(1, 4))
def test_whatever_happens_meanwhile_nothing_needed_is_lost(
    script: list[tuple[str, str, dict[str, int] | None]], gap: int
) -> None:
    with life() as alive:
        ahead = iter(script)
        calls = 0

        def step() -> None:
            nonlocal calls
            calls += 1
            if calls % gap == 0:
                action = next(ahead, None)
                if action is not None and action[0] != "collect":
                    alive.act(*action)

        for action in ahead:
            if action[0] == "collect":
                alive.store.collector.collect(step)
                alive.check()
            else:
                alive.act(*action)
        alive.store.collector.collect()
        alive.check()
        alive.edits.clear()
        alive.readings.clear()
        alive.store.collector.collect()
        alive.check()
        left = alive.store.rows()
        with NamedStore.temporary() as fresh:
            assert isinstance(fresh, NamedStore)
            for name, held in alive.named.items():
                fresh.add(name, {path: data for (path, _), data in held.items()})
            assert left == fresh.rows()
