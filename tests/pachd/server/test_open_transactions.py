"""Transactions that clients have open outlive the server, however it ends."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest
from python_pachyderm.proto.v2.pps import pps_pb2

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pachd.server.conftest import Process

DEADLINE = 30.0


def fill(client: Any) -> Any:
    """A transaction that makes a repo with a commit, and a pipeline that reads it."""
    transaction = client.start_transaction()
    client.transaction_id = transaction.id
    client.create_repo("data")
    client.start_commit("data", "master")
    client.create_pipeline(
        "copy",
        transform=pps_pb2.Transform(cmd=["true"], image="host"),
        input=pps_pb2.Input(pfs=pps_pb2.PFSInput(repo="data", glob="/")),
    )
    client.transaction_id = None
    return transaction


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
def test_a_transaction_is_finished_by_the_next_server(start: Callable[..., Process], number: signal.Signals) -> None:
    server = start()
    transaction = fill(server.client())
    before = server.client().inspect_transaction(transaction)
    server.popen.send_signal(number)
    server.popen.wait(DEADLINE)
    client = start().client()
    assert list(client.list_transaction()) == [before]
    assert list(client.list_repo()) == []
    client.finish_transaction(transaction)
    assert {info.commit.id for info in client.inspect_commit(transaction.id)} == {transaction.id}
    assert [info.job.id for info in client.list_job("copy")] == [transaction.id]
    assert list(client.list_transaction()) == []


def test_all_can_be_deleted(start: Callable[..., Process]) -> None:
    client = start().client()
    for _ in range(2):
        fill(client)
    client.delete_all_transactions()
    assert (list(client.list_transaction()), list(client.list_repo())) == ([], [])
