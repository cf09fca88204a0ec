"""Inspecting, listing, walking and globbing, against what follows from the files alone."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.pachd.errors import PachError
from harness.pachd.pfs import globs, reading
from harness.pachd.pfs.filesets import EMPTY
from harness.pachd.pfs.reading import Node
from tests.pachd.pfs.file_store import FileStore, Model

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@pytest.fixture(scope="module")
def store() -> Iterator[FileStore]:
    with FileStore.temporary() as opened:
        yield opened


FILES = ["/a.txt", "/a/b/x", "/a/y", "/b/c/d/e", "/foo"]
names = st.sampled_from(["a", "b", "a.txt", "b-", "c"])
paths = st.lists(names, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))
models = st.dictionaries(st.tuples(paths, st.sampled_from(["x", "y"])), st.binary(max_size=4), max_size=12)
patterns = st.sampled_from(["/", "/*", "/**", "/*/*", "/a*", "/a", "/a/b", "/!(a)", "/**b-", "/a/**", "/{a,b}/c"])


def paths_of(nodes: Iterable[Node]) -> list[str]:
    return [node.path for node in nodes]


def tree_of(store: FileStore, model: Model) -> list[Node]:
    """All nodes by the plain definitions, directories first built from the files' paths."""
    nodes = [Node(path, datum, False, len(data), store.objects.put(data).hash) for (path, datum), data in model.items()]
    directories = {path[: index + 1] for path, _ in model for index, char in enumerate(path) if char == "/"}
    for directory in sorted(directories, key=len, reverse=True):  # the deepest ones first
        below = [n for n in nodes if n.path.startswith(directory)]
        children = [n for n in below if "/" not in n.path[len(directory) :].rstrip("/")]
        children.sort(key=lambda n: (n.path, n.datum))
        digest = hashlib.sha256(b"".join(child.hash for child in children)).digest()
        nodes.append(Node(directory, "", True, sum(child.size for child in children), digest))
    return sorted(nodes, key=lambda n: (n.path, n.datum))


@settings(max_examples=150, deadline=None)
@given(model=models, path=st.one_of(paths, st.just("/")), pattern=patterns)
def test_every_view_follows_from_the_files(store: FileStore, model: Model, path: str, pattern: str) -> None:
    root, everything = store.of(model), tree_of(store, model)
    base = path.rstrip("/") + "/"
    there = [n for n in everything if n.path.rstrip("/") == path.rstrip("/")]
    below = [n for n in everything if n.path.startswith(base) and n.path != base]

    assert reading.inspect(store.files, root, path) == (there[0] if there else None)
    assert list(reading.walk(store.files, root, path)) == sorted(there + below, key=lambda n: (n.path, n.datum))
    files = [n for n in there if not n.is_dir]
    assert list(reading.list_(store.files, root, path)) == files + [
        n for n in below if "/" not in n.path[len(base) :].rstrip("/")
    ]
    glob = globs.compile(pattern)
    assert list(reading.glob(store.files, root, pattern)) == [n for n in everything if glob.match(n.path)]


@settings(max_examples=150, deadline=None)
@given(model=models, marker=st.one_of(paths, paths.map(lambda p: p + "/"), st.just("")), number=st.integers(1, 5))
def test_pages(store: FileStore, model: Model, marker: str, number: int) -> None:
    root = store.of(model)
    for view in (reading.list_, reading.walk):
        for path in ("/", "/a"):
            everything = list(view(store.files, root, path))
            behind = [n for n in everything if n.path > marker]
            before = [n for n in everything if not marker or n.path < marker]
            if view is reading.list_ and marker.endswith("/"):
                behind = [n for n in behind if not n.path.startswith(marker)]
            assert list(view(store.files, root, path, marker)) == behind
            assert list(view(store.files, root, path, marker, number)) == behind[:number]
            assert list(view(store.files, root, path, marker, number, True)) == before[::-1][:number]


def test_order_and_forms(store: FileStore) -> None:
    root = store.at_paths(FILES)
    assert paths_of(reading.walk(store.files, root, "")) == [
        *["/", "/a.txt", "/a/", "/a/b/", "/a/b/x", "/a/y", "/b/", "/b/c/", "/b/c/d/", "/b/c/d/e", "/foo"]
    ]
    assert paths_of(reading.list_(store.files, root, "a/")) == ["/a/b/", "/a/y"]
    assert paths_of(reading.list_(store.files, root, "/foo")) == ["/foo"]
    assert paths_of(reading.list_(store.files, root, "/missing")) == []
    assert paths_of(reading.glob(store.files, root, "**", ("/a/", "/b/c/"))) == [
        *["/a/", "/a/b/", "/a/b/x", "/a/y", "/b/"]
    ]
    directory = reading.inspect(store.files, root, "/a/")
    assert directory is not None
    assert (directory.path, directory.is_dir, directory.datum, directory.size) == ("/a/", True, "", 10)


def test_an_empty_file_set_has_no_root_entry(store: FileStore) -> None:
    assert reading.inspect(store.files, EMPTY, "/") is None
    assert paths_of(reading.walk(store.files, EMPTY, "/")) == paths_of(reading.glob(store.files, EMPTY, "/")) == []


def test_the_limits_of_pages(store: FileStore) -> None:
    with pytest.raises(PachError, match="number must be > 0 when reverse is true"):
        reading.list_(store.files, EMPTY, "/", reverse=True)
    with pytest.raises(PachError, match="cannot return more than 100000 files at a time"):
        reading.walk(store.files, EMPTY, "/", number=100_001)


def test_get_wants_one_regular_file(store: FileStore) -> None:
    root = store.of({("/a", "x"): b"1", ("/b", "x"): b"2", ("/b", "y"): b"3", ("/d/e", "x"): b"4"})

    def got(pattern: str, datum: str = "") -> tuple[str, str] | None:
        node = reading.get(store.files, root, pattern, datum)
        return (node.path, node.datum) if node else None

    assert got("/[a]") == got("a") == ("/a", "x")
    assert got("/b", "y") == ("/b", "y")
    assert got("/missing") is got("/a", "other") is None
    for several in ("/b", "/*", "/?"):
        with pytest.raises(PachError, match="matched multiple files"):
            got(several)
    with pytest.raises(PachError, match="cannot get directory or non-regular file"):
        got("/d")
