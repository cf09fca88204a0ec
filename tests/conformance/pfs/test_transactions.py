"""Transactions through python_pachyderm: changes gathered under one id, done together or not at all."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_pachyderm.proto.v2.pfs import pfs_pb2
from python_pachyderm.proto.v2.transaction import transaction_pb2

from tests.conformance.pfs.messages import branch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Request = transaction_pb2.TransactionRequest


@pytest.fixture
def name(client: Any) -> Iterator[str]:
    """A name for a repo that the test makes, or does not."""
    name = f"made-{uuid.uuid4().hex[:8]}"
    yield name
    client.delete_repo(name, force=True)


def repos(client: Any) -> set[str]:
    return {info.repo.name for info in client.list_repo()}


def create(name: str) -> Any:
    return Request(create_repo=pfs_pb2.CreateRepoRequest(repo=pfs_pb2.Repo(name=name)))


def started(name: str) -> Any:
    return Request(start_commit=pfs_pb2.StartCommitRequest(branch=branch(name)))


def delete(name: str) -> Any:
    return Request(delete_repo=pfs_pb2.DeleteRepoRequest(repo=pfs_pb2.Repo(name=name)))


class TestBlocks:
    """``with client.transaction()``."""

    def test_commits_of_a_block_have_its_id_and_are_written_after_it(self, client: Any, new_repo: Any) -> None:
        left, right, below = map(new_repo, ("left", "right", "below"))
        client.create_branch(below, "master", provenance=[branch(left), branch(right)])
        client.finish_commit((below, "master"))
        with client.transaction() as transaction:
            commits = [client.start_commit(repo, "master") for repo in (left, right)]
            assert {commit.id for commit in commits} == {transaction.id}
            assert next(iter(client.list_commit(left, all=True))).commit.id != transaction.id
        for commit in commits:
            client.put_file_bytes(commit, "/joint", b"data")
            client.finish_commit(commit)
        infos = list(client.inspect_commit(transaction.id))
        assert sorted(info.commit.repo.name for info in infos) == sorted((left, right, below))
        (merged,) = (info for info in infos if info.commit.repo.name == below)
        assert {upstream.id for upstream in merged.direct_provenance} == {transaction.id}
        assert len({(info.started.seconds, info.started.nanos) for info in infos}) == 1

    def test_later_changes_see_earlier_ones(self, client: Any, name: str) -> None:
        with client.transaction() as transaction:
            client.create_repo(name)
            client.start_commit(name, "master")
            client.finish_commit((name, "master"))
        assert client.inspect_branch(name, "master").head.id == transaction.id
        assert next(client.inspect_commit((name, "master"))).HasField("finished")

    def test_triggers_fire_after_it_with_another_id(self, client: Any, new_repo: Any) -> None:
        source, below = new_repo("source"), new_repo("below")
        client.create_branch(source, "copy", trigger=pfs_pb2.Trigger(branch="master", commits=1))
        client.create_branch(below, "master", provenance=[branch(source, "copy")])
        before = client.inspect_branch(below, "master").head.id
        with client.transaction() as transaction:
            client.finish_commit(client.start_commit(source, "master"))
            assert client.inspect_branch(source, "copy").head.id != transaction.id
        list(client.wait_commit(transaction.id))
        assert client.inspect_branch(source, "copy").head.id == transaction.id
        assert client.inspect_branch(below, "master").head.id not in {before, transaction.id}

    def test_a_block_that_fails_leaves_nothing(self, client: Any, name: str, refused: Any) -> None:
        def fail() -> None:
            with client.transaction() as transaction:
                begun.append(transaction.id)
                client.create_repo(name)
                raise KeyError

        begun: list[str] = []
        with pytest.raises(KeyError):
            fail()
        assert name not in repos(client)
        with refused(grpc.StatusCode.NOT_FOUND, f"transactions {begun[0]} not found"):
            client.inspect_transaction(begun[0])

    def test_a_block_inside_another_is_its_own(self, client: Any, name: str, new_repo: Any) -> None:
        repo = new_repo("outer")
        with client.transaction() as outer:
            with client.transaction() as inner:
                client.create_repo(name)
            assert name in repos(client)
            assert client.inspect_transaction(outer).version == 0
            client.start_commit(repo, "master")
        assert client.inspect_branch(repo, "master").head.id == outer.id != inner.id

    def test_a_refused_change_ends_the_block(self, client: Any, repo: str, name: str, refused: Any) -> None:
        text = f"error running request 2 of 2: repo default/{repo} already exists"
        with refused(grpc.StatusCode.ALREADY_EXISTS, text), client.transaction():
            client.create_repo(name)
            client.create_repo(repo)
        assert name not in repos(client)


class TestBatches:
    def test_a_batch_runs_at_once_under_an_id_of_its_own(self, client: Any, repo: str, name: str) -> None:
        requests = [create(name), started(repo)]
        info = client.batch_transaction(requests)
        assert list(info.requests) == requests
        assert [response.HasField("commit") for response in info.responses] == [False, True]
        commit = info.responses[1].commit
        assert (commit.id, commit.repo.name, commit.branch.name) == (info.transaction.id, repo, "master")
        assert client.inspect_branch(repo, "master").head.id == info.transaction.id
        assert name in repos(client)
        assert info.transaction.id not in {open_.transaction.id for open_ in client.list_transaction()}

    def test_an_unset_request_is_refused(self, client: Any, name: str, refused: Any) -> None:
        text = "error running request 2 of 2: unrecognized transaction request type"
        with refused(grpc.StatusCode.UNKNOWN, text):
            client.batch_transaction([create(name), Request()])
        assert name not in repos(client)

    def test_nothing_is_a_batch(self, client: Any) -> None:
        assert list(client.batch_transaction([]).responses) == []

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.tuples(st.sampled_from([create, delete]), st.sampled_from("abc")), max_size=6))
    def test_all_or_nothing(self, client: Any, changes: list[tuple[Callable[[str], Any], str]]) -> None:
        """Whatever the changes: where one of them is refused the repos stay as they were."""
        ours = f"batch-{uuid.uuid4().hex[:8]}-"
        there: set[str] = set()
        fails = False
        for change, letter in changes:
            fails = fails or (change is create and letter in there)
            there = there | {letter} if change is create else there - {letter}
        with pytest.raises(grpc.RpcError, match="already exists") if fails else nullcontext():
            client.batch_transaction([change(ours + letter) for change, letter in changes])
        left = {name[len(ours) :] for name in repos(client) if name.startswith(ours)}
        assert left == (set() if fails else there)
        for letter in left:
            client.delete_repo(ours + letter)


def test_readers_see_all_of_a_transaction_or_nothing(client: Any, pfs: Any, new_repo: Any) -> None:
    """Not while it is filled, where all of it runs again and again, and not while it is finished."""
    names = {new_repo("left"), new_repo("right")}
    client.batch_transaction([started(name) for name in names])
    for name in names:
        client.finish_commit((name, "master"))
    done = threading.Event()

    def torn(name: str) -> list[Any]:
        """What was ever seen at the head of a branch that is not the whole of a transaction."""
        found: list[Any] = []
        while not (done.is_set() or found):
            head = pfs.InspectBranch(pfs_pb2.InspectBranchRequest(branch=branch(name))).head
            request = pfs_pb2.InspectCommitSetRequest(commit_set=pfs_pb2.CommitSet(id=head.id))
            infos = list(pfs.InspectCommitSet(request))
            if {info.commit.repo.name for info in infos if info.HasField("finishing")} != names:
                found.append(infos)
        return found

    with ThreadPoolExecutor(4) as pool:
        reading = [pool.submit(torn, name) for name in (*names, *names)]
        try:
            for _ in range(20):
                with client.transaction():
                    for name in names:
                        client.start_commit(name, "master")
                    for name in names:
                        client.finish_commit((name, "master"))
        finally:
            done.set()
        assert [reader.result() for reader in reading] == [[]] * len(reading)
