"""Requests that lack their subject."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2

BRANCH = pfs_pb2.Branch(name="master")
ID = "0123456789ab4def0123456789abcdef"
UNKNOWN, INVALID = grpc.StatusCode.UNKNOWN, grpc.StatusCode.INVALID_ARGUMENT

CASES = [
    ("CreateProject", pfs_pb2.CreateProjectRequest(), UNKNOWN, "invalid project name: nil project"),
    ("CreateRepo", pfs_pb2.CreateRepoRequest(), UNKNOWN, "repo cannot be nil"),
    ("InspectRepo", pfs_pb2.InspectRepoRequest(), UNKNOWN, "repo cannot be nil"),
    ("DeleteRepo", pfs_pb2.DeleteRepoRequest(), INVALID, "no repo specified"),
    ("InspectBranch", pfs_pb2.InspectBranchRequest(), UNKNOWN, "branch cannot be nil"),
    ("DeleteBranch", pfs_pb2.DeleteBranchRequest(), UNKNOWN, "branch cannot be nil"),
    ("CreateBranch", pfs_pb2.CreateBranchRequest(branch=BRANCH), UNKNOWN, "branch repo cannot be nil"),
    ("StartCommit", pfs_pb2.StartCommitRequest(), UNKNOWN, "branch must be specified"),
    ("FinishCommit", pfs_pb2.FinishCommitRequest(), UNKNOWN, "check new file commit: commit cannot be nil"),
    (
        "FinishCommit",
        pfs_pb2.FinishCommitRequest(commit=pfs_pb2.Commit(id=ID)),
        UNKNOWN,
        "check new file commit: commit must have a repo",
    ),
    ("ClearCommit", pfs_pb2.ClearCommitRequest(), UNKNOWN, "commit cannot be nil"),
    ("InspectCommit", pfs_pb2.InspectCommitRequest(), UNKNOWN, "commit cannot be nil"),
    ("ListCommit", pfs_pb2.ListCommitRequest(), UNKNOWN, "repo cannot be nil"),
    ("SubscribeCommit", pfs_pb2.SubscribeCommitRequest(), UNKNOWN, "repo cannot be nil"),
    ("InspectCommitSet", pfs_pb2.InspectCommitSetRequest(), UNKNOWN, "commitset cannot be nil"),
    ("SquashCommitSet", pfs_pb2.SquashCommitSetRequest(), UNKNOWN, "commitset cannot be nil"),
    ("DropCommitSet", pfs_pb2.DropCommitSetRequest(), UNKNOWN, "commitset cannot be nil"),
    ("FindCommits", pfs_pb2.FindCommitsRequest(), UNKNOWN, "commit cannot be nil"),
]


@pytest.mark.parametrize(("method", "request_", "code", "text"), CASES, ids=[f"{case[0]}-{case[3]}" for case in CASES])
def test_the_subject_is_missing(pfs: Any, refused: Any, method: str, request_: Any, code: Any, text: str) -> None:
    with refused(code, text):
        answer = getattr(pfs, method)(request_)
        if isinstance(answer, grpc.Call):  # a stream fails when it is read
            list(answer)


def test_nothing_to_delete(client: Any, pfs: Any, repo: str) -> None:
    assert list(pfs.DeleteRepos(pfs_pb2.DeleteReposRequest()).repos) == []
    nobodys = pfs_pb2.DeleteReposRequest(projects=[pfs_pb2.Project(name="nobodys")])
    assert list(pfs.DeleteRepos(nobodys).repos) == []
    assert client.inspect_repo(repo).repo.name == repo


def test_the_type_is_user_where_it_is_missing(pfs: Any, repo: str) -> None:
    plain = pfs_pb2.Repo(name=repo)
    pfs.CreateBranch(pfs_pb2.CreateBranchRequest(branch=pfs_pb2.Branch(repo=plain, name="x")))
    info = pfs.InspectBranch(pfs_pb2.InspectBranchRequest(branch=pfs_pb2.Branch(repo=plain, name="x")))
    assert (info.branch.repo.type, info.branch.repo.project.name) == ("user", "default")
    assert info.head.repo == info.branch.repo == info.head.branch.repo
