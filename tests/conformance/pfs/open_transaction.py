"""Open transactions as clients in any language use them, and requests that can join them."""

from __future__ import annotations

import uuid
from typing import Any

from python_pachyderm.proto.v2.pfs import pfs_pb2
from python_pachyderm.proto.v2.transaction import transaction_pb2, transaction_pb2_grpc


class Open:
    """An open transaction: its id, its info, and calls that join it."""

    def __init__(self, channel: Any, pfs: Any) -> None:
        self.api = transaction_pb2_grpc.APIStub(channel)
        self._pfs = pfs
        self.id = self.api.StartTransaction(transaction_pb2.StartTransactionRequest()).id

    @property
    def key(self) -> Any:
        return transaction_pb2.Transaction(id=self.id)

    @property
    def info(self) -> Any:
        return self.api.InspectTransaction(transaction_pb2.InspectTransactionRequest(transaction=self.key))

    def call(self, rpc: str, request: Any) -> Any:
        return getattr(self._pfs, rpc)(request, metadata=[("pach-transaction", self.id)])

    def finish(self) -> Any:
        return self.api.FinishTransaction(transaction_pb2.FinishTransactionRequest(transaction=self.key))

    def delete(self) -> None:
        self.api.DeleteTransaction(transaction_pb2.DeleteTransactionRequest(transaction=self.key))


def bare(name: str) -> Any:
    """A repo as named by a client that says no more than it must."""
    return pfs_pb2.Repo(name=name)


def create(name: str) -> Any:
    return pfs_pb2.CreateRepoRequest(repo=bare(name))


# By RPC: as short as clients may write them.
REQUESTS: dict[str, Any] = {
    "CreateRepo": lambda _repo, name: create(name),
    "DeleteRepo": lambda repo, _name: pfs_pb2.DeleteRepoRequest(repo=bare(repo)),
    "StartCommit": lambda repo, _name: pfs_pb2.StartCommitRequest(branch=pfs_pb2.Branch(repo=bare(repo), name="new")),
    "FinishCommit": lambda repo, _name: pfs_pb2.FinishCommitRequest(
        commit=pfs_pb2.Commit(branch=pfs_pb2.Branch(repo=bare(repo), name="master"))
    ),
    "SquashCommitSet": lambda _repo, _name: pfs_pb2.SquashCommitSetRequest(
        commit_set=pfs_pb2.CommitSet(id=uuid.uuid4().hex)
    ),
    "CreateBranch": lambda repo, _name: pfs_pb2.CreateBranchRequest(
        branch=pfs_pb2.Branch(repo=bare(repo), name="new"),
        head=pfs_pb2.Commit(branch=pfs_pb2.Branch(repo=bare(repo), name="master")),
    ),
    "DeleteBranch": lambda repo, _name: pfs_pb2.DeleteBranchRequest(
        branch=pfs_pb2.Branch(repo=bare(repo), name="master")
    ),
}
