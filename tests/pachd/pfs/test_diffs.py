"""Diffs against a comparison of two complete walks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.pachd.pfs import reading
from harness.pachd.pfs.diffs import diff
from harness.pachd.pfs.filesets import EMPTY
from tests.pachd.pfs.file_store import FileStore, Model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.pachd.pfs.reading import Node


@pytest.fixture(scope="module")
def store() -> Iterator[FileStore]:
    with FileStore.temporary() as opened:
        yield opened


def shown(pairs: Iterator[tuple[Node | None, Node | None]]) -> list[tuple[str, str]]:
    return [(new.path if new else "", old.path if old else "") for new, old in pairs]


def test_a_changed_an_added_and_a_removed_file(store: FileStore) -> None:
    old = store.of({("/same", "x"): b"0", ("/d/changed", "x"): b"1", ("/gone/file", "x"): b"2"})
    new = store.of({("/same", "x"): b"0", ("/d/changed", "x"): b"9", ("/new", "x"): b"3"})
    assert shown(diff(store.files, new, "/", old, "/")) == [
        ("/", "/"),
        ("/d/", "/d/"),
        ("/d/changed", "/d/changed"),
        ("", "/gone/"),
        ("", "/gone/file"),
        ("/new", ""),
    ]
    assert shown(diff(store.files, new, "/d", old, "/d/")) == [("/d/", "/d/"), ("/d/changed", "/d/changed")]
    assert shown(diff(store.files, new, "/new", old, "/new")) == [("/new", "")]
    assert shown(diff(store.files, new, "/missing", old, "/missing")) == []
    assert shown(diff(store.files, new, "/", new, "/")) == []


def test_different_base_paths_are_not_aligned(store: FileStore) -> None:
    root = store.of({("/file1", "x"): b"1", ("/file2", "x"): b"1"})
    assert shown(diff(store.files, root, "/file2", root, "/file1")) == [("", "/file1"), ("/file2", "")]


def test_equal_content_of_another_datum_is_no_difference(store: FileStore) -> None:
    assert shown(diff(store.files, store.of({("/a", "x"): b"1"}), "/", store.of({("/a", "y"): b"1"}), "/")) == []


def test_against_nothing_everything_is_new(store: FileStore) -> None:
    assert shown(diff(store.files, store.at_paths(["/a/b"]), "/", EMPTY, "/")) == [("/", ""), ("/a/", ""), ("/a/b", "")]


paths = st.lists(st.sampled_from(["a", "b", "a.txt", "ab"]), min_size=1, max_size=3).map(lambda p: "/" + "/".join(p))
models = st.dictionaries(paths.map(lambda path: (path, "default")), st.binary(max_size=1), max_size=10)


@settings(max_examples=200, deadline=None)
@given(old=models, new=models, path=st.one_of(paths, st.just("/")))
def test_what_differs_in_two_walks_differs(store: FileStore, old: Model, new: Model, path: str) -> None:
    old_root, new_root = store.of(old), store.of(new)
    olds = {node.path: node for node in reading.walk(store.files, old_root, path)}
    news = {node.path: node for node in reading.walk(store.files, new_root, path)}
    expected = []
    for name in sorted(olds | news):
        one, other = news.get(name), olds.get(name)
        if one is None or other is None or one.hash != other.hash:
            expected.append((one, other))
    assert list(diff(store.files, new_root, path, old_root, path)) == expected
