"""``transaction_v2.API`` in its own requests: what is stored, what joins by ``pach-transaction``, what is refused."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.protobuf import empty_pb2
from python_pachyderm.proto.v2.pfs import pfs_pb2

from tests.conformance.pfs.messages import add, branch, head, into
from tests.conformance.pfs.open_transaction import REQUESTS, Open, create

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def opened(client: Any, pfs: Any) -> Iterator[Open]:
    transaction = Open(client._channel, pfs)
    yield transaction
    if transaction.id in [info.transaction.id for info in client.list_transaction()]:
        transaction.delete()


@pytest.fixture
def name(client: Any) -> Iterator[str]:
    """A name for a repo that the test makes, or does not."""
    name = f"made-{uuid.uuid4().hex[:8]}"
    yield name
    client.delete_repo(name, force=True)


def test_what_is_stored_can_be_inspected(opened: Open, repo: str, name: str) -> None:
    assert (opened.info.version, list(opened.info.requests)) == (0, [])
    assert opened.call("CreateRepo", create(name)) == empty_pb2.Empty()
    request = pfs_pb2.StartCommitRequest(branch=branch(repo), description="why")
    commit = opened.call("StartCommit", request)
    assert (commit.id, commit.repo.name, commit.branch.repo.name, commit.branch.name) == (
        opened.id,
        repo,
        repo,
        "master",
    )
    info = opened.info
    assert (info.transaction, info.version) == (opened.key, 2)
    assert info.started.seconds > 0 < info.started.nanos
    assert info.requests[0].create_repo.repo.name == name
    assert info.requests[1].start_commit.description == "why"
    assert [response.HasField("commit") for response in info.responses] == [False, True]
    assert info.responses[1].commit == commit
    finished = opened.finish()
    assert (finished.transaction, finished.requests, finished.responses) == (opened.key, info.requests, info.responses)


def test_open_transactions_are_listed_newest_first(client: Any, pfs: Any, name: str) -> None:
    first, second = (Open(client._channel, pfs) for _ in range(2))
    first.call("CreateRepo", create(name))
    ours = {first.id: first.info, second.id: second.info}
    listed = [info for info in client.list_transaction() if info.transaction.id in ours]
    assert listed == [ours[second.id], ours[first.id]]
    for transaction in (first, second):
        transaction.delete()
    assert not ours.keys() & {info.transaction.id for info in client.list_transaction()}


def test_what_is_deleted_or_finished_is_gone(client: Any, pfs: Any, name: str, refused: Any) -> None:
    deleted, finished = (Open(client._channel, pfs) for _ in range(2))
    deleted.call("CreateRepo", create(name))
    deleted.delete()
    finished.finish()
    assert name not in [info.repo.name for info in client.list_repo()]
    for gone in (deleted, finished):
        uses = (Open.finish, Open.delete, lambda each: each.info, lambda each: each.call("CreateRepo", create(name)))
        for use in uses:
            with refused(grpc.StatusCode.NOT_FOUND, f"transactions {gone.id} not found"):
                use(gone)


@pytest.mark.parametrize("rpc", REQUESTS)
def test_seven_calls_join(client: Any, opened: Open, repo: str, name: str, rpc: str) -> None:
    """They are stored, with references as short as clients may give them, and nothing is done before the end."""
    client.start_commit(repo, "master")

    def state() -> list[Any]:
        ours = [info for info in client.list_repo() if info.repo.name in {repo, name}]
        return [*ours, *client.list_branch(repo), *client.list_commit(repo, all=True)]

    before = state()
    opened.call(rpc, REQUESTS[rpc](repo, name))
    (request,) = opened.info.requests
    ((field, _),) = request.ListFields()
    assert field.name.replace("_", "") == rpc.lower()
    assert state() == before
    assert list(opened.finish().requests) == [request]


def test_other_calls_run_at_once(client: Any, opened: Open, repo: str) -> None:
    opened.call("StartCommit", pfs_pb2.StartCommitRequest(branch=branch(repo)))
    opened.call("ModifyFile", iter([into(repo), add("/a", b"x")]))
    written = head(client, repo)
    assert written.id != opened.id
    listed = opened.call("ListCommit", pfs_pb2.ListCommitRequest(repo=pfs_pb2.Repo(name=repo, type="user"), all=True))
    assert [info.commit.id for info in listed] == [written.id]
    opened.call("DropCommitSet", pfs_pb2.DropCommitSetRequest(commit_set=pfs_pb2.CommitSet(id=written.id)))
    assert head(client, repo).id not in {written.id, opened.id}
    assert len(opened.info.requests) == 1


def test_a_refused_change_is_not_stored(opened: Open, repo: str, name: str, refused: Any) -> None:
    opened.call("CreateRepo", create(name))
    text = f'error running request 2 of 2: branch "master" not found in repo default/{repo}'
    with refused(grpc.StatusCode.NOT_FOUND, text):
        opened.call("FinishCommit", REQUESTS["FinishCommit"](repo, name))
    assert opened.info.version == 1
    opened.finish()


def test_what_only_shows_at_the_end_is_refused_too(client: Any, opened: Open, new_repo: Any, refused: Any) -> None:
    source, below = new_repo("source"), new_repo("below")
    request = pfs_pb2.CreateBranchRequest(branch=branch(below), provenance=[branch(source, "a"), branch(source, "b")])
    text = (
        "validate DAG at end of transaction: "
        f'multiple branches from the same repo, "default/{source}", cannot participate in a DAG'
    )
    with refused(grpc.StatusCode.UNKNOWN, text):
        opened.call("CreateBranch", request)
    assert opened.info.version == 0


def test_a_repo_has_one_commit_in_a_transaction(client: Any, opened: Open, repo: str, refused: Any) -> None:
    client.put_file_bytes((repo, "master"), "/a", b"x")
    parent = head(client, repo).id
    opened.call("StartCommit", pfs_pb2.StartCommitRequest(branch=branch(repo)))
    text = (
        f"error running request 2 of 2: inconsistent dependencies: cannot create commit from default/{repo}@{parent}; "
        f"repo ({repo}) already has a commit in this transaction"
    )
    other = pfs_pb2.StartCommitRequest(branch=branch(repo, "other"), parent=head(client, repo))
    with refused(grpc.StatusCode.UNKNOWN, text):
        opened.call("StartCommit", other)


def test_a_head_made_in_it_keeps_the_inputs_it_was_made_with(client: Any, opened: Open, new_repo: Any) -> None:
    """Propagation passes over branches that have their commit of this transaction already."""
    source, below = new_repo("source"), new_repo("below")
    client.put_file_bytes((source, "master"), "/a", b"x")
    before = head(client, source)
    opened.call("CreateBranch", pfs_pb2.CreateBranchRequest(branch=branch(below), provenance=[branch(source)]))
    opened.call("StartCommit", pfs_pb2.StartCommitRequest(branch=branch(source)))
    opened.finish()
    (info,) = client.list_commit(below, all=True)
    assert (info.commit.id, list(info.direct_provenance)) == (opened.id, [before])
    assert head(client, source).id == opened.id


def test_what_others_did_can_make_it_unfinishable(client: Any, opened: Open, name: str, refused: Any) -> None:
    opened.call("CreateRepo", create(name))
    opened.call("StartCommit", pfs_pb2.StartCommitRequest(branch=branch(name)))
    before = opened.info
    client.create_repo(name)
    with refused(grpc.StatusCode.ALREADY_EXISTS, f"error running request 1 of 2: repo default/{name} already exists"):
        opened.finish()
    assert opened.info == before
    assert list(client.list_commit(name, all=True)) == []
    client.delete_repo(name)
    opened.finish()
    assert head(client, name).id == opened.id


def test_two_transactions_of_one_call(pfs: Any, opened: Open, name: str, refused: Any) -> None:
    with refused(grpc.StatusCode.UNKNOWN, "multiple active transactions found in context"):
        pfs.CreateRepo(create(name), metadata=[("pach-transaction", opened.id), ("pach-transaction", uuid.uuid4().hex)])
    assert opened.info.version == 0


def test_an_empty_transaction_is_none(client: Any, pfs: Any, name: str) -> None:
    """pachyderm_sdk goes on sending one after it has finished a transaction."""
    pfs.CreateRepo(create(name), metadata=[("pach-transaction", "")])
    assert client.inspect_repo(name).repo.name == name


def test_an_empty_transaction_changes_nothing(client: Any, opened: Open) -> None:
    sets = [info.commit_set.id for info in client.list_commit()]
    assert list(opened.finish().responses) == []
    assert [info.commit_set.id for info in client.list_commit()] == sets
