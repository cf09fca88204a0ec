"""The ways in which python_pachyderm puts files and reads them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2

from tests.conformance.pfs.messages import add, head, into

if TYPE_CHECKING:
    from pathlib import Path

LARGE = bytes(range(256)) * 100_000  # more than one message


def test_sources_of_every_kind(client: Any, repo: str, tmp_path: Path) -> None:
    where = (repo, "master")
    (tmp_path / "lines").write_bytes(b"no newline\n\n\r\nat the end")
    (tmp_path / "empty").write_bytes(b"")
    with client.modify_file_client(where) as changes:
        changes.put_file_from_filepath("/lines", str(tmp_path / "lines"))
        changes.put_file_from_filepath("/empty", str(tmp_path / "empty"))
        changes.put_file_from_fileobj("/object", io.BytesIO(LARGE))
        changes.put_file_from_bytes("/bytes", b"1")
        changes.put_file_from_bytes("/bytes", b"2", append=True)
        changes.put_file_from_bytes("/tagged", b"3", datum="tag")
    expected = {
        "/bytes": b"12",
        "/empty": b"",
        "/lines": b"no newline\n\n\r\nat the end",
        "/object": LARGE,
        "/tagged": b"3",
    }
    assert {i.file.path: client.get_file(where, i.file.path).read() for i in client.list_file(where, "/")} == expected


def test_files_in_the_order_in_which_they_were_put(client: Any, repo: str) -> None:
    with client.modify_file_client((repo, "master")) as changes:
        changes.put_file_from_bytes("/a", b"first")
        changes.put_file_from_bytes("/a", b"second")
        changes.put_file_from_bytes("/b", b"gone")
        changes.delete_file("/b")
        changes.put_file_from_bytes("/d/c", b"gone")
        changes.delete_file("/d/")
        changes.put_file_from_bytes("/d/e", b"kept")
    found = {i.file.path: i.size_bytes for i in client.walk_file((repo, "master"), "/")}
    assert found == {"/": 10, "/a": 6, "/d/": 4, "/d/e": 4}


def test_a_file_without_a_source_is_empty(client: Any, pfs: Any, repo: str) -> None:
    nothing = pfs_pb2.ModifyFileRequest(add_file=pfs_pb2.AddFile(path="/a"))
    pfs.ModifyFile(iter([into(repo), nothing, add("/b"), add("/c//d/", b"1")]))
    found = [(i.file.path, i.size_bytes) for i in client.walk_file((repo, "master"), "/")]
    assert found == [("/", 1), ("/a", 0), ("/b", 0), ("/c/", 1), ("/c/d", 1)]


def test_a_file_is_read_in_parts(client: Any, repo: str) -> None:
    client.put_file_bytes((repo, "master"), "/a", LARGE)
    with client.get_file((repo, "master"), "/a") as file:
        assert file.read(3) == LARGE[:3]
        assert file.read(20_000_000) == LARGE[3:20_000_003]
        assert file.read(0) == b""
        assert file.read() == LARGE[20_000_003:]
        assert file.read() == file.read(1) == b""


@pytest.mark.parametrize("named", ["id alone", "branch name as id", "id with another branch"])
def test_names_of_a_commit_to_write_into(client: Any, repo: str, named: str) -> None:
    client.create_branch(repo, "other")
    commit = client.start_commit(repo, "master")
    target = {
        "id alone": pfs_pb2.Commit(branch=into(repo, "").set_commit.branch, id=commit.id),
        "branch name as id": pfs_pb2.Commit(branch=into(repo, "").set_commit.branch, id="master"),
        "id with another branch": pfs_pb2.Commit(branch=into(repo, "other").set_commit.branch, id=commit.id),
    }[named]
    client.put_file_bytes(target, "/a", b"1")
    assert [i.file.path for i in client.list_file(commit, "/")] == ["/a"]
    assert head(client, repo).id == commit.id


def test_a_branch_named_as_id_is_made(client: Any, repo: str) -> None:
    client.put_file_bytes(pfs_pb2.Commit(branch=into(repo, "").set_commit.branch, id="fresh"), "/a", b"1")
    assert client.get_file((repo, "fresh"), "/a").read() == b"1"
    info = next(client.inspect_commit(head(client, repo, "fresh")))
    assert info.started == info.finishing
