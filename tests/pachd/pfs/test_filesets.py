"""File sets against a dict: every operation of ModifyFile, in any order, in any number of streams."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.pachd.pfs import edits
from harness.pachd.pfs.filesets import DEFAULT_DATUM, EMPTY
from harness.pachd.pfs.operations import Operations
from tests.pachd.pfs.file_store import FileStore, Model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.pachd.pfs.filesets import Edit


@pytest.fixture(scope="module")
def store() -> Iterator[FileStore]:
    with FileStore.temporary() as opened:
        yield opened


PATHS = ["/a", "/a.txt", "/a/b", "/a/b/c", "/a/d", "/a-b", "/b", "/b/a/x", "/z"]
operations = st.one_of(
    st.tuples(st.just("append"), st.sampled_from(PATHS), st.sampled_from(["", "tag"]), st.binary(max_size=3)),
    st.tuples(st.just("append content"), st.sampled_from(PATHS), st.sampled_from(["", "tag"]), st.binary(max_size=3)),
    st.tuples(st.just("put"), st.sampled_from(PATHS), st.sampled_from(["", "tag"]), st.binary(max_size=3)),
    st.tuples(st.just("delete"), st.sampled_from(PATHS), st.sampled_from(["", "tag"]), st.just(b"")),
    st.tuples(st.just("delete below"), st.sampled_from(["/", "/a/", "/a", "/a/b/", "/b/"]), st.just(""), st.just(b"")),
)
streams = st.lists(st.lists(operations, max_size=12), max_size=4)
Operation = tuple[str, str, str, bytes]


def apply(store: FileStore, edit: Edit, operation: Operation) -> None:
    kind, path, datum, data = operation
    if kind == "append":
        edit.append(path, datum, data)
    elif kind == "append content":
        edit.append(path, datum, store.objects.put(data))
    elif kind == "put":
        edit.put(path, datum, store.objects.put(data))
    elif kind == "delete":
        edit.delete(path, datum)
    else:
        edit.delete_below(path)


def expect(model: Model, operation: Operation) -> Model:
    kind, path, datum, data = operation
    key = path, datum or DEFAULT_DATUM
    if kind == "delete below":
        return {k: kept for k, kept in model.items() if not k[0].startswith(path.rstrip("/") + "/")}
    rest = {k: kept for k, kept in model.items() if k != key}
    if kind == "delete":
        return rest
    return rest | {key: (model.get(key, b"") if kind.startswith("append") else b"") + data}


@settings(max_examples=200, deadline=None)
@given(streams=streams)
def test_streams_of_operations(store: FileStore, streams: list[list[Operation]]) -> None:
    root, model = EMPTY, Model()
    for stream in streams:
        edit = store.files.edit(EMPTY)
        for operation in stream:
            apply(store, edit, operation)
            model = expect(model, operation)
        root = store.save(edit, onto=root)
        assert store.model(root) == model
    assert list(store.model(root)) == sorted(model)
    assert root == store.of(model)
    assert store.files.total_size(root) == sum(map(len, model.values()))
    for path in PATHS:
        assert [file.datum for file in store.files.at(root, path)] == sorted(d for p, d in model if p == path)


@settings(max_examples=100, deadline=None)
@given(base=st.lists(operations, max_size=6), layers=st.lists(st.lists(operations, max_size=8), max_size=3))
def test_kept_operations_do_later_what_they_would_have_done(
    store: FileStore, base: list[Operation], layers: list[list[Operation]]
) -> None:
    start, model = store.files.edit(EMPTY), Model()
    composed = store.files.edit(EMPTY)
    for operation in base:
        apply(store, start, operation)
        model = expect(model, operation)
    for layer in layers:
        edit = store.files.edit(EMPTY)
        for operation in layer:
            apply(store, edit, operation)
            model = expect(model, operation)
        with store.db.write() as conn:
            kept = edit.operations(conn)
        assert Operations.load(kept.deletions(), kept.replaced, kept.appended) == kept
        kept.apply(store.files, composed)
    late = store.files.edit(store.save(start))
    with store.db.write() as conn:
        composed.operations(conn).apply(store.files, late)
    assert store.model(store.save(late)) == model


def test_walking_below_a_directory_and_behind_a_path(store: FileStore) -> None:
    root = store.at_paths(PATHS)

    def walked(prefix: str = "/", after: str = "") -> list[str]:
        return [file.path for file in store.files.walk(root, prefix, after)]

    assert walked() == ["/a", "/a-b", "/a.txt", "/a/b", "/a/b/c", "/a/d", "/b", "/b/a/x", "/z"]
    assert walked("/a/") == ["/a/b", "/a/b/c", "/a/d"]
    assert walked("/a/", "/a/b") == ["/a/b/c", "/a/d"]
    assert walked(after="/a/d") == ["/b", "/b/a/x", "/z"]
    assert walked("/nothing/") == []


def test_many_small_appends_to_files_in_turns(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edits, "HELD_BYTES", 50_000)  # so that unfinished files are put away several times
    dice = random.Random(1)  # noqa: S311 -- data
    model: Model = {}
    edit = store.files.edit(EMPTY)
    for _ in range(3000):
        path, line = f"/{dice.randrange(5)}", dice.randbytes(dice.randrange(200))
        edit.append(path, "", line)
        model[path, DEFAULT_DATUM] = model.get((path, DEFAULT_DATUM), b"") + line
    assert store.save(edit) == store.of(model)


def test_an_edit_can_be_saved_again_on_a_newer_base_after_its_transaction_failed(store: FileStore) -> None:
    edit = store.files.edit(EMPTY)
    edit.append("/log", "", b"two")

    def fail() -> None:
        with store.db.write() as conn:
            edit.save(conn)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    newer = store.of({("/log", DEFAULT_DATUM): b"one, ", ("/other", "x"): b""})
    assert store.model(store.save(edit, onto=newer)) == {("/log", DEFAULT_DATUM): b"one, two", ("/other", "x"): b""}


def test_file_sets_are_composed_of_others(store: FileStore) -> None:
    parts = [store.of({(f"/out/{name}", name): name.encode()}) for name in ("a", "b", "c")]
    edit = store.files.edit(EMPTY)
    for part in parts:
        edit.insert_all(store.files.walk(part))
    assert store.model(store.save(edit)) == {(f"/out/{name}", name): name.encode() for name in ("a", "b", "c")}


def test_differences(store: FileStore) -> None:
    old = store.of({("/a", "x"): b"1", ("/b", "x"): b"2", ("/d/c", "x"): b"3"})
    new = store.of({("/a", "x"): b"1", ("/b", "x"): b"changed", ("/d/e", "x"): b"4"})

    def paths(prefix: str) -> list[list[str]]:
        return [[file.path if file else "" for file in pair] for pair in store.files.diff(old, new, prefix)]

    assert paths("/") == [["/b", "/b"], ["/d/c", ""], ["", "/d/e"]]
    assert paths("/d/") == [["/d/c", ""], ["", "/d/e"]]


DUPLICATE = "duplicate path output by different datums (/a from x and /a from y)"


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ([("/a", "x"), ("/ab", "x"), ("/a.b", "y")], ""),
        ([("/a", "x"), ("/a", "y")], DUPLICATE),
        ([("/foo", "x"), ("/foo/bar", "x")], "file / directory path collision (/foo/bar)"),
        ([("/foo", "x"), ("/foo.txt", "x"), ("/foo/bar/baz", "y")], "file / directory path collision (/foo/bar/baz)"),
        ([("/b", "x"), ("/b/c", "x"), ("/a", "x"), ("/a", "y")], DUPLICATE),
    ],
)
def test_what_a_finished_commit_must_not_contain(store: FileStore, keys: list[tuple[str, str]], text: str) -> None:
    root = store.of(dict.fromkeys(keys, b""))
    assert store.files.problems(root) == text
    assert store.files.problems(root, store.of({("/zzz", "x"): b""})) == text


keys = st.sets(st.tuples(st.sampled_from(PATHS), st.sampled_from(["x", "y"])), max_size=6)


@settings(max_examples=150, deadline=None)
@given(old=keys, new=keys)
def test_looking_at_what_is_new_finds_what_looking_at_everything_finds(
    store: FileStore, old: set[tuple[str, str]], new: set[tuple[str, str]]
) -> None:
    paths = sorted(path for path, _ in new)
    bad = any(b == a or b.startswith(a + "/") for i, a in enumerate(paths) for b in paths[i + 1 :])
    root, base = store.of(dict.fromkeys(new, b"")), store.of(dict.fromkeys(old, b""))
    everything = store.files.problems(root)
    assert bool(everything) == bad
    if not store.files.problems(base):
        assert store.files.problems(root, base) == everything
