"""Tar streams, read by Python's tarfile."""

from __future__ import annotations

import io
import tarfile
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.pachd.errors import PachError
from harness.pachd.pfs import paths
from harness.pachd.pfs.tars import tar
from tests.pachd.pfs.file_store import FileStore

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def store() -> Iterator[FileStore]:
    with FileStore.temporary() as opened:
        yield opened


LONG = "/d/" + "long-name-" * 30
FILES = {
    ("/a.txt", "x"): b"a",
    ("/d/e/f", "x"): b"f" * 512,
    ("/d/e/f", "y"): b"",
    (LONG, "x"): bytes(3_000_000),
    ("/dd", "x"): b"",
}


def names(store: FileStore, pattern: str, datum: str = "") -> list[str]:
    pieces = tar(store.files, store.of(FILES), pattern, datum)
    assert pieces is not None
    with tarfile.open(fileobj=io.BytesIO(b"".join(pieces)), mode="r|") as archive:
        return [member.name + "/" * member.isdir() for member in archive]


def test_everything(store: FileStore) -> None:
    pieces = list(tar(store.files, store.of(FILES), "/") or ())
    assert all(0 < len(piece) <= 2**20 for piece in pieces)
    stream = b"".join(pieces)
    assert stream.endswith(bytes(1024))
    assert len(stream) % 512 == 0
    with tarfile.open(fileobj=io.BytesIO(stream), mode="r:") as archive:
        members = archive.getmembers()
        assert {(m.mode, m.mtime, m.uid, m.gid, m.uname) for m in members} == {(0, 0, 0, 0, "")}
        contents = [(m.name, file.read() if (file := archive.extractfile(m)) else None) for m in members]
    files = [(path, data) for (path, _), data in FILES.items()]
    assert contents == [
        ("", None),
        files[0],
        ("/d", None),
        ("/d/e", None),
        *files[1:],
    ]


def test_matched_directories_come_with_what_they_hold_and_once(store: FileStore) -> None:
    assert names(store, "/d") == ["/d/", "/d/e/", "/d/e/f", "/d/e/f", LONG]
    assert names(store, "/d*") == ["/d/", "/d/e/", "/d/e/f", "/d/e/f", LONG, "/dd"]
    assert names(store, "/*/e") == ["/d/e/", "/d/e/f", "/d/e/f"]
    assert names(store, "**") == names(store, "/")[1:]
    assert names(store, "/d/e/f", datum="y") == ["/d/e/f"]


def test_no_match(store: FileStore) -> None:
    assert tar(store.files, store.of(FILES), "/x*") is None
    assert tar(store.files, store.of(FILES), "/a.txt", datum="y") is None


names_of_files = st.text(alphabet="ab .-_~$:\\\\", min_size=1, max_size=12) | st.sampled_from(
    ["...", "-rf", "C:", "n" * 200]
)
trees = st.dictionaries(
    st.lists(names_of_files, min_size=1, max_size=6).map("/".join), st.binary(max_size=600), max_size=6
)


@settings(max_examples=30, deadline=None)
@given(tree=trees)
def test_what_is_extracted_is_the_content_and_lies_below_the_folder(store: FileStore, tree: dict[str, bytes]) -> None:
    model: dict[str, bytes] = {}
    for path, data in tree.items():
        with suppress(PachError):  # names that cannot be written
            stored = paths.to_write(path)
            if not any(other.startswith(f"{stored}/") or stored.startswith(f"{other}/") for other in model):
                model[stored] = data
    if not model:
        return
    pieces = tar(store.files, store.of({(path, "x"): data for path, data in model.items()}), "/")
    assert pieces is not None
    with TemporaryDirectory() as folder, tarfile.open(fileobj=io.BytesIO(b"".join(pieces)), mode="r|") as archive:
        for member in archive:
            assert member.isfile() or member.isdir()
            member.name = member.name.lstrip("/")
            member.mode = 0o700  # as python_pachyderm and pachyderm_sdk do
            if member.name:
                archive.extract(member, folder, filter="data")
        found = {
            f"/{path.relative_to(folder)}": path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()
        }
    assert found == model


def test_a_range_of_paths(store: FileStore) -> None:
    def within(lower: str, upper: str) -> list[str]:
        pieces = tar(store.files, store.of(FILES), "/", "x", (lower, upper))
        with tarfile.open(fileobj=io.BytesIO(b"".join(pieces or ())), mode="r|") as archive:
            return [member.name for member in archive]

    assert within("/d/e/f", "/dd") == ["/d/e/f", LONG]
    assert within("", "/d/e/f") == ["", "/a.txt", "/d", "/d/e"]
    assert tar(store.files, store.of(FILES), "/", "x", ("/x", "")) is None
