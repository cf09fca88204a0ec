"""Transactions through pachyderm_sdk."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

pfs = pytest.importorskip("pachyderm_sdk.api.pfs", reason="pachyderm_sdk is installed by `tox -e sdk` only")


def test_two_commits_under_one_id(sdk: Any, new_repo: Any) -> None:
    branches = [pfs.Branch(repo=new_repo(name), name="master") for name in ("left", "right")]
    with sdk.transaction.transaction() as transaction:
        commits = [sdk.pfs.start_commit(branch=branch) for branch in branches]
        assert not sdk.pfs.branch_exists(branches[0])
    assert [commit.id for commit in commits] == [transaction.id] * 2
    for commit in commits:
        sdk.pfs.put_file_from_bytes(commit=commit, path="/a", data=b"one")
        sdk.pfs.finish_commit(commit=commit)
    infos = list(sdk.pfs.inspect_commit_set(commit_set=pfs.CommitSet(id=transaction.id), wait=True))
    assert {info.commit.repo.name for info in infos} == {branch.repo.name for branch in branches}
    assert not sdk.transaction.transaction_exists(transaction)


def test_nothing_remains_of_one_that_failed(sdk: Any, repo: Any, master: Any) -> None:
    class StopError(Exception):
        pass

    def work() -> None:
        with sdk.transaction.transaction():
            sdk.pfs.start_commit(branch=master)
            raise StopError

    with pytest.raises(StopError):
        work()
    assert not sdk.pfs.branch_exists(master)
    assert list(sdk.pfs.list_commit(repo=repo)) == []


def test_the_empty_id_that_stays_behind_is_no_transaction(sdk: Any, repo: Any, master: Any) -> None:
    started = sdk.transaction.start_transaction()
    sdk.pfs.create_branch(branch=master)
    info = sdk.transaction.finish_transaction(transaction=started)
    assert [request.create_branch.branch for request in info.requests] == [master]
    sdk.pfs.delete_branch(branch=master)
    assert not sdk.pfs.branch_exists(master)


def test_a_request_that_cannot_be_is_refused_at_once(sdk: Any, repo: Any) -> None:
    def work() -> None:
        with sdk.transaction.transaction():
            sdk.pfs.create_repo(repo=repo)

    with pytest.raises(grpc.RpcError, match="already exists") as error:
        work()
    refusal: Any = error.value
    assert refusal.code() is grpc.StatusCode.ALREADY_EXISTS
