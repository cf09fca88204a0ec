"""Which fields of CommitInfo are set in which state of a commit."""

from __future__ import annotations

from typing import Any

import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2

from tests.conformance.pfs.messages import add, branch, head, into

EMPTY = pfs_pb2.CommitInfo.Details()


def inspect(client: Any, repo: str) -> Any:
    return next(client.inspect_commit((repo, "master")))


def times(info: Any) -> tuple[bool, bool]:
    """Whether it is finishing, and finished."""
    return info.HasField("finishing"), info.HasField("finished")


@pytest.fixture
def output(client: Any, new_repo: Any) -> str:
    """A repo whose branch ``master`` has provenance and an open head."""
    source, output = new_repo("source"), new_repo("output")
    client.create_branch(output, "master", provenance=[branch(source)])
    return str(output)


def test_an_open_user_commit_has_details_and_no_size(client: Any, repo: str) -> None:
    client.put_file_bytes((repo, "master"), "/a", b"123")
    client.put_file_bytes(client.start_commit(repo, "master"), "/b", b"4567")
    info = inspect(client, repo)
    assert (info.origin.kind, times(info)) == (pfs_pb2.USER, (False, False))
    assert (info.HasField("details"), info.details, info.size_bytes_upper_bound) == (True, EMPTY, 0)
    assert list(info.direct_provenance) == []


def test_an_open_commit_of_propagation_has_no_details(client: Any, output: str) -> None:
    client.put_file_bytes((output, "master"), "/a", b"123")
    info = inspect(client, output)
    assert (info.origin.kind, times(info), info.description) == (pfs_pb2.AUTO, (False, False), "")
    assert (info.HasField("details"), info.size_bytes_upper_bound) == (False, 0)
    assert len(info.direct_provenance) == 1


def test_a_commit_that_is_closed_at_birth(client: Any, repo: str) -> None:
    client.create_branch(repo, "master")
    info = inspect(client, repo)
    assert (info.origin.kind, info.HasField("parent_commit")) == (pfs_pb2.AUTO, False)
    assert info.started == info.finishing == info.finished
    assert (info.HasField("details"), info.details) == (True, EMPTY)


def test_a_finished_commit(client: Any, output: str) -> None:
    client.put_file_bytes((output, "master"), "/a", b"123")
    client.finish_commit((output, "master"))
    info = inspect(client, output)
    assert (times(info), info.error, info.size_bytes_upper_bound) == ((True, True), "", 3)
    assert info.details.size_bytes == 3
    assert info.details.HasField("compacting_time")
    assert info.details.HasField("validating_time")


def test_a_commit_that_its_author_gives_up(client: Any, repo: str) -> None:
    commit = client.start_commit(repo, "master")
    client.put_file_bytes(commit, "/a", b"123")
    client.finish_commit(commit, error="spoilt")
    info = inspect(client, repo)
    assert (times(info), info.error) == ((True, True), "spoilt")
    assert (info.HasField("details"), info.size_bytes_upper_bound) == (False, 0)


def test_a_commit_that_is_not_valid(client: Any, pfs: Any, repo: str) -> None:
    pfs.ModifyFile(iter([into(repo), add("/foo", b"12"), add("/foo/bar", b"345")]))
    info = inspect(client, repo)
    assert (times(info), info.error) == ((True, True), "file / directory path collision (/foo/bar)")
    assert (info.details.size_bytes, info.size_bytes_upper_bound) == (5, 5)


def test_children_are_told_in_order(client: Any, repo: str) -> None:
    client.put_file_bytes((repo, "master"), "/a", b"1")
    parent = head(client, repo)
    ids = [client.start_commit(repo, name, parent=parent.id).id for name in ("x", "y")]
    info = next(client.inspect_commit((repo, parent.id)))
    assert [child.id for child in info.child_commits] == ids
    child = next(client.inspect_commit((repo, ids[0])))
    assert (child.parent_commit.id, child.parent_commit.branch.name) == (parent.id, "master")


def test_a_commit_with_a_parent_elsewhere_becomes_the_head(client: Any, repo: str) -> None:
    client.put_file_bytes((repo, "master"), "/a", b"1")
    old = head(client, repo)
    client.put_file_bytes((repo, "master"), "/a", b"2")
    commit = client.start_commit(repo, "master", parent=old.id)
    assert head(client, repo).id == commit.id
    client.finish_commit(commit)
    assert client.get_file((repo, "master"), "/a").read() == b"1"
