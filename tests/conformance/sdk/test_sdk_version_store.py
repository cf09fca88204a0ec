"""Repos, branches, commits and commit sets through pachyderm_sdk."""

from __future__ import annotations

import uuid
from itertools import islice
from typing import Any

import grpc
import pytest

pfs = pytest.importorskip("pachyderm_sdk.api.pfs", reason="pachyderm_sdk is installed by `tox -e sdk` only")


def commit_of(branch: Any) -> Any:
    return pfs.Commit(branch=branch, repo=branch.repo)


def put(sdk: Any, branch: Any, path: str, data: bytes) -> Any:
    """One commit with one file; returns its CommitInfo."""
    with sdk.pfs.commit(branch=branch) as commit:
        commit.put_file_from_bytes(path=path, data=data)
    return commit.wait()


def test_existence(sdk: Any, repo: Any, master: Any) -> None:
    info = put(sdk, master, "/a", b"one")
    missing = pfs.Repo.from_uri(f"missing-{uuid.uuid4().hex}")
    assert sdk.pfs.project_exists(pfs.Project(name="default"))
    assert not sdk.pfs.project_exists(pfs.Project(name="missing"))
    assert (sdk.pfs.repo_exists(repo), sdk.pfs.repo_exists(missing)) == (True, False)
    assert sdk.pfs.branch_exists(master)
    assert not sdk.pfs.branch_exists(pfs.Branch(repo=repo, name="missing"))
    assert not sdk.pfs.branch_exists(pfs.Branch(repo=missing, name="master"))
    assert sdk.pfs.commit_exists(info.commit)
    assert not sdk.pfs.commit_exists(pfs.Commit.from_uri(f"{repo}@{'0' * 12}4{'0' * 19}"))
    assert sdk.pfs.path_exists(pfs.File.from_uri(f"{repo}@master:/a"))
    assert not sdk.pfs.path_exists(pfs.File.from_uri(f"{repo}@master:/b"))
    with pytest.raises(ValueError, match="commit does not exist"):
        sdk.pfs.path_exists(pfs.File.from_uri(f"{repo}@missing:/a"))


@pytest.mark.parametrize("uri", ["{repo}@master", "{repo}@{id}", "{repo}@master={id}", "{repo}@master^0"])
def test_uris_of_a_commit(sdk: Any, repo: Any, master: Any, uri: str) -> None:
    first = put(sdk, master, "/a", b"one")
    reference = pfs.Commit.from_uri(uri.format(repo=repo, id=first.commit.id))
    assert sdk.pfs.inspect_commit(commit=reference).commit == first.commit


def test_ancestors_by_uri(sdk: Any, repo: Any, master: Any) -> None:
    ids = [put(sdk, master, f"/{number}", b"x").commit.id for number in range(3)]
    found = [sdk.pfs.inspect_commit(commit=pfs.Commit.from_uri(f"{repo}@master{end}")) for end in ("", "^", "~2", ".1")]
    assert [info.commit.id for info in found] == [ids[2], ids[1], ids[0], ids[0]]


def test_a_branch_made_up_front_begins_with_an_empty_commit(sdk: Any, repo: Any, master: Any) -> None:
    sdk.pfs.create_branch(branch=master)
    written = put(sdk, master, "/a", b"one")
    infos = list(sdk.pfs.list_commit(repo=repo))
    assert [info.origin.kind for info in infos] == [pfs.OriginKind.USER, pfs.OriginKind.AUTO]
    assert infos[0].commit == written.commit
    assert infos[0].parent_commit == infos[1].commit
    assert infos[1].details.size_bytes == 0


def test_subscription_without_filters_sees_every_commit(sdk: Any, repo: Any, master: Any) -> None:
    sdk.pfs.create_branch(branch=master)
    written = put(sdk, master, "/a", b"one")
    stream = sdk.pfs.subscribe_commit(repo=repo, branch="master")
    kinds = [(info.origin.kind, info.commit.id) for info in islice(stream, 2)]
    assert kinds[0][0] == pfs.OriginKind.AUTO
    assert kinds[1] == (pfs.OriginKind.USER, written.commit.id)


def test_a_change_is_waited_for_downstream(sdk: Any, new_repo: Any, master: Any) -> None:
    result = pfs.Branch(repo=new_repo("result"), name="master")
    sdk.pfs.create_branch(branch=result, provenance=[master])
    sdk.pfs.finish_commit(commit=commit_of(result))
    with sdk.pfs.commit(branch=master) as commit:
        commit.put_file_from_bytes(path="/a", data=b"one")
    sdk.pfs.finish_commit(commit=commit_of(result))
    infos = commit.wait_all()
    assert [info.commit.repo.name for info in infos] == [master.repo.name, result.repo.name]
    assert infos[1].direct_provenance == [infos[0].commit]
    assert sdk.pfs.inspect_branch(branch=result).head == infos[1].commit


def test_repos_tell_their_size(sdk: Any, repo: Any, master: Any) -> None:
    put(sdk, master, "/a", b"12345")
    assert sdk.pfs.inspect_repo(repo=repo).details.size_bytes == 5
    sizes = {info.repo.name: info.size_bytes_upper_bound for info in sdk.pfs.list_repo(type="user")}
    assert sizes[repo.name] == 5


def test_the_last_run_can_be_dropped_and_others_squashed(sdk: Any, repo: Any, master: Any) -> None:
    infos = [put(sdk, master, f"/{number}", b"x") for number in range(3)]
    sdk.pfs.squash_commit_set(commit_set=pfs.CommitSet(id=infos[1].commit.id))
    sdk.pfs.drop_commit_set(commit_set=pfs.CommitSet(id=infos[2].commit.id))
    assert sdk.pfs.inspect_branch(branch=master).head == infos[0].commit
    with pytest.raises(grpc.RpcError, match="cannot squash a commit that has no children"):
        sdk.pfs.squash_commit_set(commit_set=pfs.CommitSet(id=infos[0].commit.id))


def test_a_projects_repos(sdk: Any) -> None:
    project = pfs.Project(name=f"p{uuid.uuid4().hex[:8]}")
    sdk.pfs.create_project(project=project, description="of a test")
    repo = pfs.Repo.from_uri(f"{project.name}/data")
    sdk.pfs.create_repo(repo=repo)
    assert [info.repo for info in sdk.pfs.list_repo(type="user", projects=[project])] == [repo]
    with pytest.raises(grpc.RpcError, match="still exists"):
        sdk.pfs.delete_project(project=project)
    sdk.pfs.delete_repo(repo=repo)
    sdk.pfs.delete_project(project=project)
    assert not sdk.pfs.project_exists(project)
