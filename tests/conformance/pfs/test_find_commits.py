"""Finding the commits that changed a file."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from python_pachyderm.proto.v2.pfs import pfs_pb2

from tests.conformance.pfs.messages import branch, head


def find(pfs: Any, repo: str, path: str, limit: int = 0, start: str = "", **options: Any) -> list[tuple[str, str, int]]:
    """What is streamed: which field, the commit's id, the number of commits searched."""
    commit = pfs_pb2.Commit(branch=branch(repo), id=start)
    request = pfs_pb2.FindCommitsRequest(start=commit, file_path=path, limit=limit)
    replies = []
    for reply in pfs.FindCommits(request, **options):
        which = reply.WhichOneof("result")
        replies.append((which, getattr(reply, which).id, reply.commits_searched))
    return replies


@pytest.fixture
def ids(client: Any, repo: str) -> list[str]:
    """/a is added, /ab added, /a changed, /a deleted, /dir/a added, each in a commit; oldest first."""
    made = []
    for path, data in (("/a", b"1"), ("/ab", b"1"), ("/a", b"2"), ("/a", None), ("/dir/a", b"1")):
        if data is None:
            client.delete_file((repo, "master"), path)
        else:
            client.put_file_bytes((repo, "master"), path, data)
        made.append(str(head(client, repo).id))
    return made


def test_added_changed_and_deleted(pfs: Any, repo: str, ids: list[str]) -> None:
    added, _, changed, deleted, _ = ids
    assert find(pfs, repo, "/a") == [
        ("found_commit", deleted, 2),
        ("found_commit", changed, 3),
        ("found_commit", added, 5),
        ("last_searched_commit", added, 5),
    ]


def test_a_limit(pfs: Any, repo: str, ids: list[str]) -> None:
    deleted = ids[3]
    assert find(pfs, repo, "a", limit=1) == [("found_commit", deleted, 2), ("last_searched_commit", deleted, 2)]


def test_from_an_older_commit(pfs: Any, repo: str, ids: list[str]) -> None:
    assert find(pfs, repo, "/ab", start=ids[1]) == [
        ("found_commit", ids[1], 1),
        ("last_searched_commit", ids[0], 2),
    ]


def test_only_the_very_path(pfs: Any, repo: str, ids: list[str]) -> None:
    assert find(pfs, repo, "/dir/b") == [("last_searched_commit", ids[0], 5)]


def test_a_failed_commit_is_found_by_what_it_changed(client: Any, pfs: Any, repo: str, ids: list[str]) -> None:
    commit = client.start_commit(repo, "master")
    client.put_file_bytes(commit, "/ab", b"2")
    client.finish_commit(commit, error="spoilt")
    client.put_file_bytes((repo, "master"), "/other", b"1")
    assert [id_ for which, id_, _ in find(pfs, repo, "/ab") if which == "found_commit"] == [commit.id, ids[1]]


def test_open_commits_say_so_in_detail(client: Any, pfs: Any, repo: str) -> None:
    commit = client.start_commit(repo, "master")
    with pytest.raises(grpc.RpcError) as error:
        find(pfs, repo, "/a")
    text = f"commit default/{repo}@{commit.id} not finished"
    assert (error.value.code(), error.value.details()) == (grpc.StatusCode.UNAVAILABLE, text)
    (details,) = (value for key, value in error.value.trailing_metadata() if key == "grpc-status-details-bin")
    status = status_pb2.Status.FromString(details)
    assert (status.code, status.message) == (grpc.StatusCode.UNAVAILABLE.value[0], text)
    info = error_details_pb2.ResourceInfo()
    (detail,) = status.details
    assert detail.Unpack(info)
    assert (info.resource_type, info.resource_name, info.description) == (
        "pfs:commit",
        commit.id,
        "commit not finished",
    )


def test_what_is_not_there(pfs: Any, repo: str, refused: Any) -> None:
    with refused(grpc.StatusCode.NOT_FOUND, f'branch "master" not found in repo default/{repo}'):
        find(pfs, repo, "/a")
    with refused(grpc.StatusCode.UNKNOWN, "commit cannot be nil"):
        list(pfs.FindCommits(pfs_pb2.FindCommitsRequest()))
