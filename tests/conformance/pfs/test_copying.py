"""CopyFile: files and directories from any commit that can be read."""

from __future__ import annotations

from typing import Any

import pytest
from grpc import StatusCode
from python_pachyderm.proto.v2.pfs import pfs_pb2

from tests.conformance.pfs.messages import add, get, head, into, paths


def copied(commit: Any, path: str, target: str, **options: Any) -> Any:
    """A copy out of ``commit``, in a ModifyFile stream."""
    source = pfs_pb2.File(commit=commit, path=path, datum=options.pop("source_datum", ""))
    return pfs_pb2.ModifyFileRequest(copy_file=pfs_pb2.CopyFile(dst=target, src=source, **options))


def test_a_file_between_repos(client: Any, new_repo: Any) -> None:
    source, target = (new_repo("source"), "master"), (new_repo("target"), "master")
    client.put_file_bytes(source, "/a", b"one")
    client.copy_file(source, "/a", target, "/x/copy")
    client.copy_file(source, "/a", target, "/x/copy", append=True)
    assert client.get_file(target, "/x/copy").read() == b"oneone"
    client.copy_file(source, "/a", target, "/x/copy")
    assert client.get_file(target, "/x/copy").read() == b"one"


def test_a_directory(client: Any, tree: Any) -> None:
    client.copy_file(tree, "/a", tree, "/copy")
    assert paths(client.walk_file(tree, "/copy")) == ["/copy/", "/copy/b/", "/copy/b/x", "/copy/y"]
    client.copy_file(tree, "/missing", tree, "/nowhere")
    assert not client.path_exists(tree, "/nowhere")


def test_a_whole_commit(client: Any, tree: Any, new_repo: Any) -> None:
    target = (new_repo("target"), "master")
    client.copy_file(tree, "/", target, "/")
    assert next(client.walk_file(target, "/")).hash == next(client.walk_file(tree, "/")).hash


@pytest.mark.parametrize(("append", "expected"), [(False, b"/a/y"), (True, b"mine/a/y")])
def test_each_file_of_a_directory_replaces_or_extends(
    client: Any, tree: Any, new_repo: Any, append: bool, expected: bytes
) -> None:
    target = (new_repo("target"), "master")
    for path in ("/x/y", "/x/other"):
        client.put_file_bytes(target, path, b"mine")
    client.copy_file(tree, "/a/", target, "x/", append=append)
    assert paths(client.walk_file(target, "/x")) == ["/x/", "/x/b/", "/x/b/x", "/x/other", "/x/y"]
    assert client.get_file(target, "/x/y").read() == expected
    assert client.get_file(target, "/x/other").read() == b"mine"


def test_datums_choose_what_is_copied_and_name_the_copy(client: Any, pfs: Any, repo: str) -> None:
    pfs.ModifyFile(iter([into(repo), add("/d/one", b"1", "x"), add("/d/two", b"2", "y")]))
    commit = into(repo).set_commit
    pfs.ModifyFile(iter([into(repo), copied(commit, "/d", "/e", source_datum="x", datum="z")]))
    [copy] = client.list_file((repo, "master"), "/e")
    assert (copy.file.path, copy.file.datum) == ("/e/one", "z")
    pfs.ModifyFile(iter([into(repo), copied(commit, "/d", "/f")]))
    assert [info.file.datum for info in client.list_file((repo, "master"), "/f")] == ["default", "default"]


def test_copies_stand_in_line_with_the_other_operations(client: Any, pfs: Any, tree: Any) -> None:
    repo, _ = tree
    commit = into(repo).set_commit
    pfs.ModifyFile(iter([into(repo), add("/z", b"!"), copied(commit, "/a/y", "/z", append=True), add("/z", b"?")]))
    assert get(pfs, commit, "/z") == b"/z!/a/y?"


def test_what_cannot_be_copied(client: Any, pfs: Any, new_repo: Any, refused: Any) -> None:
    source, target = new_repo("source"), new_repo("target")
    with refused(StatusCode.NOT_FOUND, f'branch "master" not found in repo default/{source}'):
        client.copy_file((source, "master"), "/a", (target, "master"), "/a")
    client.put_file_bytes((source, "master"), "/a", b"1")
    with refused(StatusCode.UNKNOWN, "path (/a*) invalid: globbing character (*) not allowed in path"):
        client.copy_file((source, "master"), "/a", (target, "master"), "/a*")
    with refused(StatusCode.UNKNOWN, "path (/) invalid: a file needs a name"):
        client.copy_file((source, "master"), "/a", (target, "master"), "/")
    with refused(StatusCode.UNKNOWN, "commit cannot be nil"):
        pfs.ModifyFile(iter([into(target), pfs_pb2.ModifyFileRequest(copy_file=pfs_pb2.CopyFile(dst="/a"))]))
    assert list(client.list_branch(target)) == []


def test_the_source_may_be_open(client: Any, new_repo: Any) -> None:
    source, target = new_repo("source"), new_repo("target")
    commit = client.start_commit(source, "master")
    client.put_file_bytes(commit, "/a", b"1")
    client.copy_file(commit, "/a", (target, "master"), "/a")
    client.put_file_bytes(commit, "/a", b"2")
    assert client.get_file((target, "master"), "/a").read() == b"1"
    assert head(client, source).id == commit.id
