"""Whatever happens while garbage is collected, nothing that is needed is lost and nothing else is kept."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pachd.store.named_store import NamedStore, Reading, model, some_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.pachd.pfs.edits import Edit
    from tests.pachd.pfs.file_store import Model

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
