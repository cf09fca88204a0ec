"""Lists of commits: orders, limits, ranges and filters."""

from __future__ import annotations

from typing import Any

import pytest
from grpc import StatusCode
from python_pachyderm.proto.v2.pfs import pfs_pb2


def inspect(client: Any, commit: Any) -> Any:
    return next(client.inspect_commit(commit))


def put(client: Any, repo: str, path: str = "/a", data: bytes = b"x") -> str:
    client.put_file_bytes((repo, "master"), path, data)
    return str(client.inspect_branch(repo, "master").head.id)


@pytest.fixture
def ids(client: Any, repo: str) -> list[str]:
    return [put(client, repo, f"/{number}") for number in range(5)]


def listed(client: Any, repo: str, **options: Any) -> list[str]:
    return [info.commit.id for info in client.list_commit(repo, **options)]


def test_newest_first_reversed_and_limited(client: Any, repo: str, ids: list[str]) -> None:
    assert listed(client, repo) == ids[::-1]
    assert listed(client, repo, reverse=True) == ids
    assert listed(client, repo, number=2) == ids[:2:-1]
    assert listed(client, repo, number=2, reverse=True) == ids[:2]


def test_a_number_below_zero_is_no_limit(client: Any, repo: str, ids: list[str]) -> None:
    assert listed(client, repo, number=-1) == ids[::-1]
    assert listed(client, repo, number=-1, to_commit=(repo, "master")) == ids[::-1]


def test_a_range_follows_parents(client: Any, repo: str, ids: list[str]) -> None:
    assert listed(client, repo, to_commit=(repo, ids[3])) == ids[3::-1]
    assert listed(client, repo, to_commit=(repo, "master"), from_commit=(repo, ids[1])) == ids[:1:-1]
    assert listed(client, repo, to_commit=(repo, "master^"), number=1) == [ids[3]]


def test_a_time_divides(client: Any, pfs: Any, repo: str, ids: list[str]) -> None:
    started = inspect(client, (repo, ids[2])).started
    where = pfs_pb2.Repo(name=repo, type="user")
    for reverse, expected in ((False, ids[1::-1]), (True, ids[3:])):
        request = pfs_pb2.ListCommitRequest(repo=where, started_time=started, reverse=reverse)
        assert [info.commit.id for info in pfs.ListCommit(request)] == expected


def test_origins(client: Any, repo: str) -> None:
    client.create_branch(repo, "master")
    empty = client.inspect_branch(repo, "master").head.id
    mine = put(client, repo)
    assert listed(client, repo) == [mine]
    assert listed(client, repo, all=True) == [mine, empty]
    assert listed(client, repo, origin_kind=pfs_pb2.AUTO) == [empty]


def test_sizes_of_open_commits_are_of_their_content(client: Any, repo: str) -> None:
    put(client, repo, "/a", b"123")
    commit = client.start_commit(repo, "master")
    client.put_file_bytes(commit, "/b", b"4567")
    assert [info.size_bytes_upper_bound for info in client.list_commit(repo)] == [7, 3]
    assert inspect(client, commit).size_bytes_upper_bound == 0


def test_more_commits_than_a_page(client: Any, pfs: Any, repo: str) -> None:
    made = [client.start_commit(repo, f"b{number}").id for number in range(120)]
    assert listed(client, repo) == made[::-1]
    everywhere = [info.commit.id for info in pfs.ListCommit(pfs_pb2.ListCommitRequest(repo=pfs_pb2.Repo()))]
    assert everywhere[:120] == made[::-1]


def test_bad_ranges(client: Any, new_repo: Any, refused: Any) -> None:
    repo, other = new_repo("repo"), new_repo("other")
    id_ = put(client, repo)
    with refused(StatusCode.UNKNOWN, "cannot use `from` commit without `to` commit"):
        listed(client, repo, from_commit=(repo, id_))
    with refused(StatusCode.UNKNOWN, f"`from` and `to` commits need to be from repo default/{other}"):
        listed(client, other, to_commit=(repo, id_))
    with refused(StatusCode.UNKNOWN, "cannot use 'Reverse' while also using 'From' or 'To'"):
        listed(client, repo, to_commit=(repo, id_), reverse=True)
    with refused(StatusCode.NOT_FOUND, "repo default/nobody not found"):
        listed(client, "nobody")
    with refused(StatusCode.NOT_FOUND, "repo default/nobody not found"):
        listed(client, "nobody", to_commit=("nobody", "master"))
