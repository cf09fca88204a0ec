"""What clients may write for a commit."""

from __future__ import annotations

from typing import Any

import pytest
from grpc import StatusCode
from python_pachyderm.proto.v2.pfs import pfs_pb2

ID = "0123456789ab4def0123456789abcdef"


@pytest.fixture
def ids(client: Any, repo: str) -> list[str]:
    """Five commits in a row on master."""
    made = []
    for number in range(5):
        client.put_file_bytes((repo, "master"), f"/{number}", b"x")
        made.append(client.inspect_branch(repo, "master").head.id)
    return made


def reference(repo: str, branch: str = "", id_: str = "", **fields: Any) -> Any:
    where = pfs_pb2.Repo(name=repo, type="user")
    return pfs_pb2.Commit(branch=pfs_pb2.Branch(repo=where, name=branch), id=id_, **fields)


def resolved(pfs: Any, commit: Any) -> str:
    return str(pfs.InspectCommit(pfs_pb2.InspectCommitRequest(commit=commit)).commit.id)


@pytest.mark.parametrize(
    ("suffix", "position"),
    [("", 4), ("^", 3), ("~", 3), ("^^", 2), ("~~~", 1), ("^4", 0), ("~2", 2), (".1", 0), (".2", 1), (".5", 4)],
)
def test_ancestors(pfs: Any, repo: str, ids: list[str], suffix: str, position: int) -> None:
    assert resolved(pfs, reference(repo, id_=f"master{suffix}")) == ids[position]
    assert resolved(pfs, reference(repo, id_=f"{ids[4]}{suffix}")) == ids[position]
    if suffix:
        assert resolved(pfs, reference(repo, "master", suffix)) == ids[position]


def test_python_writes_ancestors_in_the_second_place(client: Any, repo: str, ids: list[str]) -> None:
    assert next(client.inspect_commit((repo, "master^2"))).commit.id == ids[2]


@pytest.mark.parametrize(
    "suffix", ["^5", "~9", ".6", "^^^^^", f"^{2**63}", pytest.param("." + "9" * 5000, id="many digits")]
)
def test_beyond_the_first_commit(pfs: Any, repo: str, ids: list[str], refused: Any, suffix: str) -> None:
    assert len(ids) == 5
    with refused(StatusCode.NOT_FOUND, f"commit default/{repo}@master{suffix} not found"):
        resolved(pfs, reference(repo, id_=f"master{suffix}"))


@pytest.mark.parametrize(("id_", "first", "second"), [("master^~", "^", "~"), ("master~x", "~", "x")])
def test_mixed_marks(pfs: Any, repo: str, refused: Any, id_: str, first: str, second: str) -> None:
    text = f'invalid ancestry syntax "{id_}", cannot mix {first} and {second} characters'
    with refused(StatusCode.UNKNOWN, text):
        resolved(pfs, reference(repo, id_=id_))


def test_an_id_counts_more_than_a_branch(pfs: Any, client: Any, repo: str, ids: list[str]) -> None:
    client.create_branch(repo, "other")
    assert resolved(pfs, reference(repo, "other", ids[1])) == ids[1]
    assert resolved(pfs, reference(repo, "nowhere", ids[1])) == ids[1]


def test_the_repo_may_stand_in_either_place(pfs: Any, repo: str, ids: list[str]) -> None:
    outer = pfs_pb2.Repo(name=repo, type="user", project=pfs_pb2.Project(name="default"))
    assert resolved(pfs, pfs_pb2.Commit(repo=outer, id=ids[0])) == ids[0]
    assert resolved(pfs, pfs_pb2.Commit(repo=outer, branch=pfs_pb2.Branch(name="master"))) == ids[4]
    assert resolved(pfs, pfs_pb2.Commit(repo=pfs_pb2.Repo(name=repo), id=ids[0])) == ids[0]


def test_missing(pfs: Any, repo: str, refused: Any) -> None:
    with refused(StatusCode.NOT_FOUND, f"commit default/{repo}@{ID} not found"):
        resolved(pfs, reference(repo, id_=ID))
    with refused(StatusCode.NOT_FOUND, f'branch "b" not found in repo default/{repo}'):
        resolved(pfs, reference(repo, "b"))
    with refused(StatusCode.NOT_FOUND, 'branch "b" not found in repo default/nobody'):
        resolved(pfs, reference("nobody", id_="b^"))


def test_meaningless(pfs: Any, repo: str, refused: Any) -> None:
    with refused(StatusCode.UNKNOWN, "cannot resolve commit with no ID or branch"):
        resolved(pfs, reference(repo))
    with refused(StatusCode.UNKNOWN, f"invalid commit ID given with a branch (default/{repo}@a): b\n"):
        resolved(pfs, reference(repo, "a", "b"))
    with refused(StatusCode.UNKNOWN, "commit must have a repo"):
        resolved(pfs, pfs_pb2.Commit(id=ID))
    with refused(StatusCode.UNKNOWN, "commit cannot be nil"):
        pfs.InspectCommit(pfs_pb2.InspectCommitRequest())
    with refused(StatusCode.UNKNOWN, "commitset cannot be nil"):
        list(pfs.InspectCommitSet(pfs_pb2.InspectCommitSetRequest()))
