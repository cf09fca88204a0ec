"""A collection may be disturbed, or end, at any of its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.pachd.store.named_store import FILES, OTHER, NamedStore, model

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


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
