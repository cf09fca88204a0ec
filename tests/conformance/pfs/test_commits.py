"""The life of a commit, and lists of commits."""

from __future__ import annotations

from typing import Any

from grpc import StatusCode
from python_pachyderm.proto.v2.pfs import pfs_pb2

ID = "0123456789ab4def0123456789abcdef"


def inspect(client: Any, commit: Any) -> Any:
    return next(client.inspect_commit(commit))


def put(client: Any, repo: str, path: str = "/a", data: bytes = b"x") -> str:
    client.put_file_bytes((repo, "master"), path, data)
    return str(client.inspect_branch(repo, "master").head.id)


def test_an_open_user_commit(client: Any, repo: str) -> None:
    commit = client.start_commit(repo, "master", description="words")
    info = inspect(client, commit)
    assert (info.commit.repo.name, info.commit.branch.repo.name, info.commit.branch.name) == (repo, repo, "master")
    assert (info.commit.repo.type, info.commit.repo.project.name) == ("user", "default")
    assert (info.origin.kind, info.description) == (pfs_pb2.USER, "words")
    assert info.HasField("details")
    assert info.details == pfs_pb2.CommitInfo.Details()
    assert not info.HasField("finishing")
    assert not info.HasField("finished")
    assert info.started.nanos != 0


def test_a_finished_commit(client: Any, repo: str) -> None:
    with client.commit(repo, "master") as commit:
        client.put_file_bytes(commit, "/a", b"12345")
        client.put_file_bytes(commit, "/b", b"6789")
    info = inspect(client, commit)
    assert info.started.ToNanoseconds() <= info.finishing.ToNanoseconds() <= info.finished.ToNanoseconds()
    assert (info.details.size_bytes, info.size_bytes_upper_bound, info.error) == (9, 9, "")
    assert info.details.HasField("validating_time")
    assert info.finished.nanos != 0


def test_descriptions_are_kept_unless_given_anew(client: Any, repo: str) -> None:
    first = client.start_commit(repo, "master", description="one")
    client.finish_commit(first)
    second = client.start_commit(repo, "master", description="one")
    client.finish_commit(second, description="two")
    assert [info.description for info in client.list_commit(repo)] == ["two", "one"]


def test_finishing_twice(client: Any, repo: str, refused: Any) -> None:
    commit = client.start_commit(repo, "master")
    client.finish_commit((repo, "master"))
    with refused(StatusCode.UNKNOWN, f"commit default/{repo}@{commit.id} has already finished"):
        client.finish_commit(commit)


def test_one_open_commit_at_a_time(client: Any, repo: str, refused: Any) -> None:
    commit = client.start_commit(repo, "master")
    with refused(StatusCode.UNKNOWN, f"parent commit default/{repo}@{commit.id} has not been finished"):
        client.start_commit(repo, "master")


def test_parents_by_name(client: Any, repo: str, refused: Any) -> None:
    first, second = put(client, repo), put(client, repo)
    assert first != second
    fork = client.start_commit(repo, "fork", parent=(repo, first))
    client.finish_commit(fork)
    assert inspect(client, fork).parent_commit.id == first
    again = client.start_commit(repo, "again", parent=(repo, "master"))
    client.finish_commit(again)
    assert inspect(client, again).parent_commit.id == second
    text = f"parent commit not found: commit default/{repo}@{ID} not found"
    with refused(StatusCode.NOT_FOUND, text):
        client.start_commit(repo, "third", parent=(repo, ID))


def test_what_cannot_be_started(client: Any, pfs: Any, new_repo: Any, refused: Any) -> None:
    source, output = new_repo("source"), new_repo("output")
    provenance = [pfs_pb2.Branch(repo=pfs_pb2.Repo(name=source, type="user"), name="master")]
    client.create_branch(output, "master", provenance=provenance)
    with refused(StatusCode.UNKNOWN, f"cannot start a commit on an output branch: default/{output}@master"):
        client.start_commit(output, "master")
    with refused(StatusCode.NOT_FOUND, "repo default/nobody not found"):
        client.start_commit("nobody", "master")
    with refused(StatusCode.UNKNOWN, "branch must be specified"):
        pfs.StartCommit(pfs_pb2.StartCommitRequest())
    with refused(StatusCode.UNKNOWN, "check new file commit: commit cannot be nil"):
        pfs.FinishCommit(pfs_pb2.FinishCommitRequest())


def test_a_failed_commit_stays_but_nothing_builds_on_it(client: Any, repo: str) -> None:
    put(client, repo, "/good")
    commit = client.start_commit(repo, "master")
    client.put_file_bytes(commit, "/bad", b"x")
    client.finish_commit(commit, error="spoilt")
    info = inspect(client, commit)
    assert (info.error, info.HasField("finished"), info.HasField("details")) == ("spoilt", True, False)
    assert [f.file.path for f in client.list_file(commit, "/")] == ["/bad", "/good"]
    child = client.start_commit(repo, "master")
    assert inspect(client, child).parent_commit.id == commit.id
    assert [f.file.path for f in client.list_file(child, "/")] == ["/good"]


def test_squashing_what_a_failed_commit_was_built_on_loses_nothing(client: Any, repo: str) -> None:
    good = put(client, repo, "/good")
    client.finish_commit(client.start_commit(repo, "master"), error="spoilt")
    client.squash_commit(good)
    put(client, repo, "/next")
    assert [f.file.path for f in client.list_file((repo, "master"), "/")] == ["/good", "/next"]


def test_a_commit_that_failed_early_hands_on_what_its_parent_becomes(client: Any, new_repo: Any) -> None:
    source, output = new_repo("source"), new_repo("output")
    provenance = [pfs_pb2.Branch(repo=pfs_pb2.Repo(name=source, type="user"), name="master")]
    client.create_branch(output, "master", provenance=provenance)
    oldest = client.inspect_branch(output, "master").head
    put(client, source)
    client.finish_commit((output, "master"), error="killed")
    client.put_file_bytes(oldest, "/late", b"x")
    client.finish_commit(oldest)
    put(client, source)
    assert [f.file.path for f in client.list_file((output, "master"), "/")] == ["/late"]


def test_clearing_an_open_commit(client: Any, pfs: Any, repo: str, refused: Any) -> None:
    put(client, repo, "/kept")
    commit = client.start_commit(repo, "master")
    client.put_file_bytes(commit, "/new", b"x")
    client.delete_file(commit, "/kept")
    pfs.ClearCommit(pfs_pb2.ClearCommitRequest(commit=commit))
    assert [f.file.path for f in client.list_file(commit, "/")] == ["/kept"]
    client.finish_commit(commit)
    with refused(StatusCode.UNKNOWN, "cannot clear finished commit"):
        pfs.ClearCommit(pfs_pb2.ClearCommitRequest(commit=commit))


def test_an_output_commit_is_finished_after_its_parent(client: Any, new_repo: Any, refused: Any) -> None:
    """Contents build on parents, so the younger of two open commits waits; it is finished with the older one."""
    source, output = new_repo("source"), new_repo("output")
    provenance = [pfs_pb2.Branch(repo=pfs_pb2.Repo(name=source, type="user"), name="master")]
    client.create_branch(output, "master", provenance=provenance)
    older = client.inspect_branch(output, "master").head
    put(client, source)
    younger = client.inspect_branch(output, "master").head
    base = f"base commit default/{output}@{older.id} for commit default/{output}@{younger.id} unfinished"
    with refused(StatusCode.UNKNOWN, base):
        list(client.list_file(younger, "/"))
    client.finish_commit(younger)
    info = inspect(client, younger)
    assert (info.HasField("finishing"), info.HasField("finished")) == (True, False)
    client.put_file_bytes(older, "/from-below", b"x")
    client.finish_commit(older)
    assert inspect(client, younger).HasField("finished")
    assert [f.file.path for f in client.list_file(younger, "/")] == ["/from-below"]
