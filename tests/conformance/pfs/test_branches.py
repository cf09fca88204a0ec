"""Branches: heads, provenance, and what may not be."""

from __future__ import annotations

from typing import Any

from grpc import StatusCode
from python_pachyderm.proto.v2.pfs import pfs_pb2

ID = "0123456789ab4def0123456789abcdef"


def key(repo: str, name: str = "master") -> Any:
    return pfs_pb2.Branch(repo=pfs_pb2.Repo(name=repo, type="user"), name=name)


def head(client: Any, repo: str, name: str = "master") -> Any:
    commit = client.inspect_branch(repo, name).head
    return next(client.inspect_commit((repo, commit.id)))


def names(branches: Any) -> list[str]:
    return [f"{branch.repo.name}@{branch.name}" for branch in branches]


def test_a_bare_branch_has_an_empty_finished_head(client: Any, repo: str) -> None:
    client.create_branch(repo, "x")
    info = head(client, repo, "x")
    assert info.origin.kind == pfs_pb2.AUTO
    assert info.started == info.finishing == info.finished
    assert info.details == pfs_pb2.CommitInfo.Details()
    assert info.HasField("details")
    commit = client.start_commit(repo, "x")
    assert next(client.inspect_commit(commit)).parent_commit.id == info.commit.id


def test_the_first_commit_of_an_unknown_branch_has_no_parent(client: Any, repo: str) -> None:
    commit = client.start_commit(repo, "fresh")
    assert not next(client.inspect_commit(commit)).HasField("parent_commit")
    assert client.inspect_branch(repo, "fresh").head.id == commit.id


def test_a_branch_with_provenance_has_an_open_head_that_anybody_may_finish(client: Any, new_repo: Any) -> None:
    source, output = new_repo("source"), new_repo("output")
    client.create_branch(output, "master", provenance=[key(source)])
    info = head(client, output)
    assert (info.origin.kind, info.HasField("finishing"), info.HasField("details")) == (pfs_pb2.AUTO, False, False)
    upstream = head(client, source)  # came into being with the branch
    assert (upstream.commit.id, upstream.HasField("finished")) == (info.commit.id, True)
    assert [c.id for c in info.direct_provenance] == [info.commit.id]
    client.finish_commit((output, "master"))
    assert head(client, output).HasField("finished")


def test_moving_a_head_makes_no_commit_in_its_own_repo(client: Any, repo: str) -> None:
    client.put_file_bytes((repo, "master"), "/a", b"1")
    old = head(client, repo).commit.id
    client.put_file_bytes((repo, "master"), "/a", b"2")
    client.create_branch(repo, "master", head_commit=(repo, old))
    assert head(client, repo).commit.id == old
    assert len(list(client.list_commit(repo, all=True))) == 2
    assert client.get_file((repo, "master"), "/a").read() == b"1"


def test_provenance_is_replaced_and_emptying_it_makes_no_commit(client: Any, new_repo: Any) -> None:
    a, b, output = new_repo("a"), new_repo("b"), new_repo("output")
    client.create_branch(output, "master", provenance=[key(a)])
    client.finish_commit((output, "master"))
    client.create_branch(output, "master", provenance=[key(b)])
    assert names(client.inspect_branch(output, "master").direct_provenance) == [f"{b}@master"]
    assert [c.repo.name for c in head(client, output).direct_provenance] == [b]
    client.finish_commit((output, "master"))
    last = head(client, output).commit.id
    client.create_branch(output, "master")
    assert names(client.inspect_branch(output, "master").provenance) == []
    assert head(client, output).commit.id == last
    client.put_file_bytes((output, "master"), "/own", b"")  # now a source branch
    assert head(client, output).parent_commit.id == last


def test_the_same_provenance_again_makes_no_commit(client: Any, new_repo: Any) -> None:
    a, output = new_repo("a"), new_repo("output")
    client.create_branch(output, "master", provenance=[key(a)])
    before = head(client, output).commit.id
    client.create_branch(output, "master", provenance=[key(a), key(a)])
    assert head(client, output).commit.id == before


def test_provenance_is_closed_when_the_middle_changes(client: Any, new_repo: Any) -> None:
    a, b, c = new_repo("a"), new_repo("b"), new_repo("c")
    client.create_branch(c, "master", provenance=[key(b)])
    client.create_branch(b, "master", provenance=[key(a)])
    assert names(client.inspect_branch(c, "master").provenance) == [f"{a}@master", f"{b}@master"]
    assert names(client.inspect_branch(a, "master").subvenance) == [f"{b}@master", f"{c}@master"]
    client.create_branch(b, "master")
    assert names(client.inspect_branch(c, "master").provenance) == [f"{b}@master"]
    assert names(client.inspect_branch(a, "master").subvenance) == []


def test_a_branch_cannot_be_above_itself(client: Any, new_repo: Any, refused: Any) -> None:
    a, b = new_repo("a"), new_repo("b")
    client.create_branch(b, "master", provenance=[key(a)])
    text = f'branch "default/{b}@master" cannot be both in "default/{a}@master"\'s provenance and subvenance'
    with refused(StatusCode.UNKNOWN, text):
        client.create_branch(a, "master", provenance=[key(b)])
    with refused(StatusCode.UNKNOWN, f"repo default/{a} cannot be in the provenance of its own branch"):
        client.create_branch(a, "master", provenance=[key(a, "other")])


def test_two_branches_of_one_repo_cannot_meet(client: Any, new_repo: Any, refused: Any) -> None:
    a, b, c = new_repo("a"), new_repo("b"), new_repo("c")
    text = (
        "validate DAG at end of transaction: "
        f'multiple branches from the same repo, "default/{a}", cannot participate in a DAG'
    )
    with refused(StatusCode.UNKNOWN, text):
        client.create_branch(c, "master", provenance=[key(a, "x"), key(a, "y")])
    client.create_branch(b, "master", provenance=[key(a, "x")])
    with refused(StatusCode.UNKNOWN, text):
        client.create_branch(c, "master", provenance=[key(b), key(a, "y")])
    assert list(client.list_branch(c)) == []


def test_names(client: Any, repo: str, refused: Any) -> None:
    text = "name (a.b) invalid: only alphanumeric characters, underscores, and dashes are allowed"
    with refused(StatusCode.UNKNOWN, text):
        client.create_branch(repo, "a.b")
    with refused(StatusCode.UNKNOWN, "bad key: branch name cannot be a UUID V4"):
        client.create_branch(repo, ID)


def test_bad_heads(client: Any, new_repo: Any, refused: Any) -> None:
    repo, other = new_repo("repo"), new_repo("other")
    with refused(StatusCode.UNKNOWN, "branch and head commit must belong to the same repo"):
        client.create_branch(repo, "x", head_commit=(other, ID))
    text = f"unable to inspect default/{repo}@{ID}: commit default/{repo}@{ID} not found"
    with refused(StatusCode.NOT_FOUND, text):
        client.create_branch(repo, "x", head_commit=(repo, ID))
    # What is wrong with the branch is said first.
    with refused(StatusCode.NOT_FOUND, "repo default/nobody not found"):
        client.create_branch("nobody", "x", head_commit=("nobody", ID))
    with refused(StatusCode.UNKNOWN, "bad key: branch name cannot be a UUID V4"):
        client.create_branch(repo, ID, head_commit=(repo, ID))


def test_missing_repos_and_branches(client: Any, pfs: Any, repo: str, refused: Any) -> None:
    missing = "repo default/nobody not found"
    with refused(StatusCode.NOT_FOUND, missing):
        client.create_branch("nobody", "x")
    with refused(StatusCode.NOT_FOUND, missing):
        client.create_branch(repo, "x", provenance=[key("nobody")])
    with refused(StatusCode.NOT_FOUND, missing):
        list(client.list_branch("nobody"))
    with refused(StatusCode.NOT_FOUND, missing):
        client.delete_branch("nobody", "x")
    client.delete_branch("nobody", "x", force=True)
    client.delete_branch(repo, "x")
    for name in (repo, "nobody"):
        with refused(StatusCode.NOT_FOUND, f'branch "x" not found in repo default/{name}'):
            client.inspect_branch(name, "x")
    with refused(StatusCode.UNKNOWN, "branch cannot be nil"):
        pfs.CreateBranch(pfs_pb2.CreateBranchRequest())
    with refused(StatusCode.UNKNOWN, "branch repo cannot be nil"):
        pfs.CreateBranch(pfs_pb2.CreateBranchRequest(branch=pfs_pb2.Branch(name="x")))


def test_deleting_needs_force_where_others_depend_on_it(client: Any, new_repo: Any, refused: Any) -> None:
    a, b, output = new_repo("a"), new_repo("b"), new_repo("output")
    client.create_branch(output, "master", provenance=[key(a), key(b)])
    client.finish_commit((output, "master"))
    before = head(client, output).commit.id
    text = f"branch master has [default/{output}@master] as subvenance, deleting it would break those branches"
    with refused(StatusCode.UNKNOWN, text):
        client.delete_branch(a, "master")
    client.delete_branch(a, "master", force=True)
    assert names(client.inspect_branch(output, "master").provenance) == [f"{b}@master"]
    info = head(client, output)
    assert info.parent_commit.id == before
    assert [c.repo.name for c in info.direct_provenance] == [b]
    assert len(list(client.list_commit(a, all=True))) == 1  # its commits stay


def test_branches_are_listed_newest_first(client: Any, repo: str) -> None:
    for name in ("a", "b", "c"):
        client.create_branch(repo, name)
    assert [info.branch.name for info in client.list_branch(repo)] == ["c", "b", "a"]
    assert [info.branch.name for info in client.list_branch(repo, reverse=True)] == ["a", "b", "c"]


def test_a_commit_remembers_the_branch_it_was_made_on(client: Any, repo: str) -> None:
    client.put_file_bytes((repo, "master"), "/a", b"1")
    id_ = head(client, repo).commit.id
    client.create_branch(repo, "stable", head_commit=(repo, id_))
    client.delete_branch(repo, "master")
    commit = client.inspect_branch(repo, "stable").head
    assert (commit.id, commit.branch.name, commit.branch.repo.project.name) == (id_, "master", "default")
    assert client.get_file((repo, "stable"), "/a").read() == b"1"
