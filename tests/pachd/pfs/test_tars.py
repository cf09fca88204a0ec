"""Tar streams, read by Python's tarfile."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import pytest

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
