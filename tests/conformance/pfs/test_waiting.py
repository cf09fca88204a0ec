"""Calls that wait: for a commit's state, for a set, for new commits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 20.0


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


def subscribe(pfs: Any, repo: str, **options: Any) -> Any:
    where = pfs_pb2.Repo(name=repo, type="user")
    return pfs.SubscribeCommit(pfs_pb2.SubscribeCommitRequest(repo=where, **options), timeout=SECONDS)


def inspect(pfs: Any, commit: Any, state: int) -> Any:
    """A call in the background."""
    return pfs.InspectCommit.future(pfs_pb2.InspectCommitRequest(commit=commit, wait=state), timeout=SECONDS)


def test_a_finished_commit_is_not_waited_for(client: Any, pfs: Any, repo: str) -> None:
    client.put_file_bytes((repo, "master"), "/a", b"x")
    commit = client.inspect_branch(repo, "master").head
    for state in pfs_pb2.CommitState.values():
        assert inspect(pfs, commit, state).result().HasField("finished")


@pytest.mark.parametrize("state", [pfs_pb2.FINISHING, pfs_pb2.FINISHED])
def test_waiting_ends_when_the_commit_is_finished(client: Any, pfs: Any, repo: str, state: int) -> None:
    commit = client.start_commit(repo, "master")
    waiting = inspect(pfs, commit, state)
    assert not inspect(pfs, commit, pfs_pb2.STARTED).result().HasField("finished")
    client.finish_commit(commit)
    assert waiting.result().HasField("finished")


def test_ready_means_that_the_inputs_are_finished(client: Any, pfs: Any, new_repo: Any) -> None:
    source, output = new_repo("source"), new_repo("output")
    provenance = [pfs_pb2.Branch(repo=pfs_pb2.Repo(name=source, type="user"), name="master")]
    client.create_branch(output, "master", provenance=provenance)
    client.finish_commit((output, "master"))
    commit = client.start_commit(source, "master")
    waiting = inspect(pfs, client.inspect_branch(output, "master").head, pfs_pb2.READY)
    client.finish_commit(commit)
    info = waiting.result()
    assert (info.commit.repo.name, info.HasField("finished")) == (output, False)


def test_a_commit_that_goes_away_ends_the_wait(client: Any, pfs: Any, repo: str, refused: Any) -> None:
    client.put_file_bytes((repo, "master"), "/a", b"x")
    commit = client.start_commit(repo, "master")
    commits = subscribe(pfs, repo, state=pfs_pb2.FINISHED)
    next(commits)
    client.drop_commit(commit.id)
    with refused(grpc.StatusCode.UNKNOWN, f"commit default/{repo}@{commit.id} was deleted"):
        next(commits)


def test_a_set_is_told_as_it_finishes(client: Any, pfs: Any, new_repo: Any, threads: ThreadPoolExecutor) -> None:
    source, output = new_repo("source"), new_repo("output")
    provenance = [pfs_pb2.Branch(repo=pfs_pb2.Repo(name=source, type="user"), name="master")]
    client.create_branch(output, "master", provenance=provenance)
    client.finish_commit((output, "master"))
    client.put_file_bytes((source, "master"), "/a", b"x")
    id_ = client.inspect_branch(source, "master").head.id
    request = pfs_pb2.InspectCommitSetRequest(commit_set=pfs_pb2.CommitSet(id=id_), wait=True)
    infos = pfs.InspectCommitSet(request, timeout=SECONDS)
    assert next(infos).commit.repo.name == source
    last = threads.submit(next, infos)
    client.finish_commit((output, "master"))
    info = last.result()
    assert (info.commit.repo.name, info.HasField("finished")) == (output, True)
    assert list(infos) == []


class TestSubscribing:
    def test_old_commits_then_new_ones(self, client: Any, pfs: Any, repo: str, threads: ThreadPoolExecutor) -> None:
        client.put_file_bytes((repo, "master"), "/a", b"x")
        commits = subscribe(pfs, repo)
        first = next(commits)
        assert first.commit.id == client.inspect_branch(repo, "master").head.id
        waiting = threads.submit(next, commits)
        new = client.start_commit(repo, "master")
        assert waiting.result().commit.id == new.id

    def test_commits_are_held_back_until_their_state(
        self, client: Any, pfs: Any, repo: str, threads: ThreadPoolExecutor
    ) -> None:
        waiting = threads.submit(next, subscribe(pfs, repo, state=pfs_pb2.FINISHED))
        commit = client.start_commit(repo, "master")
        client.finish_commit(commit)
        info = waiting.result()
        assert (info.commit.id, info.HasField("finished")) == (commit.id, True)

    def test_filters(self, client: Any, pfs: Any, repo: str) -> None:
        client.create_branch(repo, "master")
        client.put_file_bytes((repo, "other"), "/a", b"x")
        client.put_file_bytes((repo, "master"), "/a", b"x")
        client.put_file_bytes((repo, "master"), "/a", b"x")
        ids = [info.commit.id for info in client.list_commit(repo, all=True, reverse=True)]
        empty, other, third, fourth = ids
        for options, expected in (
            ({"branch": "master"}, [empty, third, fourth]),
            ({"branch": "master", "origin_kind": pfs_pb2.USER}, [third, fourth]),
            ({}, [empty, other, third, fourth]),
        ):
            commits = subscribe(pfs, repo, **options)
            assert [next(commits).commit.id for _ in expected] == expected
        mine = client.subscribe_commit(repo, "master", from_commit=third)
        assert next(mine).commit.id == fourth
        mine.cancel()

    def test_a_repo_that_comes_later(self, client: Any, pfs: Any, new_repo: Any, threads: ThreadPoolExecutor) -> None:
        name = new_repo("later")
        client.delete_repo(name)
        waiting = threads.submit(next, subscribe(pfs, name))
        client.create_repo(name)
        client.put_file_bytes((name, "master"), "/a", b"x")
        assert waiting.result().commit.repo.name == name

    def test_from_another_repo(self, client: Any, new_repo: Any, refused: Any) -> None:
        repo, other = new_repo("repo"), new_repo("other")
        with refused(grpc.StatusCode.UNKNOWN, f"the `from` commit needs to be from repo default/{repo}"):
            next(client.subscribe_commit(repo, "master", from_commit=(other, "master")))
