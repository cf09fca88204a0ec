"""The persistent map against a dict."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.pachd.errors import PachError
from harness.pachd.store import nodes
from harness.pachd.store.database import Database
from harness.pachd.store.nodes import value
from harness.pachd.store.pins import Pins
from harness.pachd.store.trees import EMPTY, Trees

if TYPE_CHECKING:
    from collections.abc import Iterator

Entries = dict[bytes, bytes]


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "metadata.db")
    yield database
    database.close()


def key(number: int) -> bytes:
    return b"/file%05d" % number


def some_value(seed: int) -> bytes:
    return value(random.Random(seed).randbytes(32), seed)  # noqa: S311 -- data


def build(db: Database, trees: Trees, entries: Entries) -> bytes:
    with db.write() as conn:
        return trees.edit(conn, EMPTY, entries)


numbers = st.integers(0, 400)
ranges = st.lists(st.tuples(numbers, numbers).map(lambda pair: (key(min(pair)), key(max(pair)))), max_size=3)


@st.composite
def edits(draw: st.DrawFn) -> tuple[dict[bytes, bytes | None], list[tuple[bytes, bytes]]]:
    """Few or many changes, scattered or side by side."""
    first, count, step = draw(numbers), draw(st.sampled_from([0, 1, 5, 100, 300])), draw(st.integers(1, 3))
    seed, deletes = draw(st.integers(0, 99)), draw(st.sampled_from([0.0, 0.3, 1.0]))
    dice = random.Random(seed)  # noqa: S311 -- data
    points: dict[bytes, bytes | None] = {
        key(number): None if dice.random() < deletes else some_value(dice.randrange(50))
        for number in range(first, first + count * step, step)
    }
    return points, draw(ranges)


@settings(max_examples=80, deadline=None)
@given(steps=st.lists(edits(), min_size=1, max_size=6), bounds=st.tuples(numbers, numbers))
def test_it_is_a_dict_and_equal_dicts_have_equal_roots(
    steps: list[tuple[dict[bytes, bytes | None], list[tuple[bytes, bytes]]]], bounds: tuple[int, int]
) -> None:
    model: Entries = {}
    versions: list[tuple[bytes, Entries]] = [(EMPTY, {})]
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(nodes, "FANOUT_BITS", 2)  # 4 entries a node, so that small maps have many levels
        db = Database(Path(folder) / "metadata.db")
        trees = Trees(db, Pins())
        root = EMPTY
        for points, removed in steps:
            with db.write() as conn:
                root = trees.edit(conn, root, points, removed)
            model = {key: kept for key, kept in model.items() if not any(low <= key < high for low, high in removed)}
            model |= {key: new for key, new in points.items() if new is not None}
            model = {key: kept for key, kept in model.items() if key not in points or points[key] is not None}
            versions.append((root, dict(model)))
            assert root == build(db, trees, model)
        trees = Trees(db, Pins())  # reads what was saved, not what was remembered
        low, high = key(min(bounds)), key(max(bounds))
        for root, entries in versions:
            assert list(trees.scan(root)) == sorted(entries.items())
            assert list(trees.scan(root, low, high)) == [
                item for item in sorted(entries.items()) if low <= item[0] < high
            ]
            assert trees.size(root) == sum(int.from_bytes(entry[32:], "big") for entry in entries.values())
            assert [trees.get(root, key(number)) for number in bounds] == [entries.get(key(n)) for n in bounds]
        for (old_root, old), (new_root, new) in pairwise(versions):
            differing = [(k, old.get(k), new.get(k)) for k in sorted(old | new) if old.get(k) != new.get(k)]
            assert list(trees.diff(old_root, new_root)) == differing
            assert list(trees.diff(old_root, new_root, low, high)) == [d for d in differing if low <= d[0] < high]
        db.close()


def test_a_small_change_makes_few_nodes_and_a_small_diff_reads_few(db: Database) -> None:
    trees = Trees(db, Pins())
    old = build(db, trees, {key(number): some_value(number) for number in range(20_000)})
    with db.read() as conn:
        before = conn.execute("SELECT count(*) FROM nodes").fetchone()[0]
    with db.write() as conn:
        new = trees.edit(conn, old, {key(777): some_value(1), key(15_000): None})
        after = conn.execute("SELECT count(*) FROM nodes").fetchone()[0]
    assert before > 200
    assert after - before <= 8
    trees = Trees(db, Pins())
    assert [changed for changed, _, _ in trees.diff(old, new)] == [key(777), key(15_000)]
    assert len(trees.nodes) <= 16


def test_a_version_is_readable_before_its_transaction_ends_and_may_be_made_again_after_it_failed(db: Database) -> None:
    trees = Trees(db, Pins())
    entries = {key(number): some_value(number) for number in range(500)}
    made = []

    def fail() -> None:
        with db.write() as conn:
            made.append(trees.edit(conn, EMPTY, entries))
            assert dict(trees.scan(made[0])) == entries
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    root = build(db, trees, entries)
    assert root == made[0]
    assert dict(Trees(db, Pins()).scan(root)) == entries


def test_a_damaged_node_is_noticed(db: Database) -> None:
    root = build(db, Trees(db, Pins()), {b"/a": some_value(1)})
    with db.write() as conn:
        conn.execute("UPDATE nodes SET body = zeroblob(45)")
    with pytest.raises(PachError, match=f"node {root.hex()} of the data directory is damaged"):
        Trees(db, Pins()).get(root, b"/a")
    with pytest.raises(PachError, match="is not in the store"):
        Trees(db, Pins()).get(bytes(32), b"/a")
