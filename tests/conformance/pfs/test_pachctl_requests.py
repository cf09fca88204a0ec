"""Requests in the shape in which pachctl sends them: both repos of a commit are set, suffixes stand in the id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import empty_pb2
from python_pachyderm.proto.v2.admin import admin_pb2, admin_pb2_grpc
from python_pachyderm.proto.v2.pfs import pfs_pb2
from python_pachyderm.proto.v2.version.versionpb import version_pb2, version_pb2_grpc

from tests.conformance.pfs.messages import add, get

if TYPE_CHECKING:
    from collections.abc import Callable


def named(repo: str, type_: str = "user") -> Any:
    return pfs_pb2.Repo(name=repo, type=type_, project=pfs_pb2.Project(name="default"))


def commit(repo: str, branch: str = "", id_: str = "") -> Any:
    """What pachctl makes of ``repo@branch=id``."""
    return pfs_pb2.Commit(repo=named(repo), branch=pfs_pb2.Branch(repo=named(repo), name=branch), id=id_)


def put(pfs: Any, target: Any, *files: tuple[str, bytes]) -> None:
    """``put file -r``: one stream for many files."""
    requests = [pfs_pb2.ModifyFileRequest(set_commit=target)]
    for path, data in files:
        requests += [pfs_pb2.ModifyFileRequest(delete_file=pfs_pb2.DeleteFile(path=path)), add(path, data)]
    pfs.ModifyFile(iter(requests))


@pytest.fixture
def ids(pfs: Any, repo: str) -> list[str]:
    """Three commits in a row on master."""
    made = []
    for number in range(3):
        put(pfs, commit(repo, "master"), (f"/{number}", b"x"), ("/latest", b"%d" % number))
        branch = pfs_pb2.Branch(repo=named(repo), name="master")
        made.append(pfs.InspectBranch(pfs_pb2.InspectBranchRequest(branch=branch)).head.id)
    return made


def test_the_first_calls_of_every_command(client: Any) -> None:
    version = version_pb2_grpc.APIStub(client._channel).GetVersion(empty_pb2.Empty())
    ours = version_pb2.Version(major=version.major, minor=version.minor, micro=version.micro)
    request = admin_pb2.InspectClusterRequest(client_version=ours, current_project=pfs_pb2.Project(name="default"))
    cluster = admin_pb2_grpc.APIStub(client._channel).InspectCluster(request)
    assert cluster.id
    assert cluster.deployment_id
    assert cluster.version_warnings_ok
    assert list(cluster.version_warnings) == []


def test_ways_to_name_a_commit(pfs: Any, repo: str, ids: list[str]) -> None:
    ways: dict[tuple[str, str], int] = {
        ("master", ""): 2,
        ("master", ids[1]): 1,
        ("", ids[0]): 0,
        ("master", "^"): 1,
        ("master", "^2"): 0,
        ("master", ".1"): 0,
        ("", f"{ids[2]}~1"): 1,
        ("", "master^"): 1,
    }
    for (branch, id_), meant in ways.items():
        found = pfs.InspectCommit(pfs_pb2.InspectCommitRequest(commit=commit(repo, branch, id_)))
        assert found.commit.id == ids[meant], (branch, id_)
        assert get(pfs, commit(repo, branch, id_), "/latest") == b"%d" % meant


def test_a_line_of_commits(pfs: Any, repo: str, ids: list[str]) -> None:
    request = pfs_pb2.ListCommitRequest(repo=named(repo), to=commit(repo, "master"))
    assert [info.commit.id for info in pfs.ListCommit(request)] == ids[::-1]
    getattr(request, "from").CopyFrom(commit(repo, "", ids[0]))
    assert [info.commit.id for info in pfs.ListCommit(request)] == ids[:0:-1]


def test_a_run_is_waited_for(pfs: Any, repo: str, ids: list[str]) -> None:
    request = pfs_pb2.InspectCommitSetRequest(commit_set=pfs_pb2.CommitSet(id=ids[-1]), wait=True)
    [info] = pfs.InspectCommitSet(request)
    assert info.commit.repo.name == repo
    assert info.HasField("finished")


def test_lists_of_repos(pfs: Any, new_repo: Callable[[str], str]) -> None:
    repos = {new_repo("one"), new_repo("two")}
    request = pfs_pb2.ListRepoRequest(type="user", projects=[pfs_pb2.Project(name="default")])
    assert repos <= {info.repo.name for info in pfs.ListRepo(request)}
    request = pfs_pb2.ListRepoRequest(type="user", projects=[pfs_pb2.Project(name="nowhere")])
    assert list(pfs.ListRepo(request)) == []


def test_replies_fill_what_pachctl_reads_without_asking(pfs: Any, repo: str, ids: list[str]) -> None:
    whole = named(repo)
    info = pfs.InspectCommit(pfs_pb2.InspectCommitRequest(commit=commit(repo, "", ids[0])))
    listed = next(iter(pfs.ListCommit(pfs_pb2.ListCommitRequest(repo=whole, number=1))))
    for found in (info, listed):
        assert found.commit.repo == found.commit.branch.repo == whole
        assert found.commit.branch.name == "master"
        assert found.HasField("origin")
        assert found.started.nanos
    branch = next(iter(pfs.ListBranch(pfs_pb2.ListBranchRequest(repo=whole))))
    assert branch.branch.repo == branch.head.repo == branch.head.branch.repo == whole
    described = pfs.InspectRepo(pfs_pb2.InspectRepoRequest(repo=whole))
    assert described.repo == whole
    assert described.created.nanos
    file = pfs.InspectFile(pfs_pb2.InspectFileRequest(file=pfs_pb2.File(commit=commit(repo, "master"), path="/0")))
    assert file.file.commit == pfs_pb2.Commit(repo=whole, branch=pfs_pb2.Branch(repo=whole, name="master"), id=ids[-1])
