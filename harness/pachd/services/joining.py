"""How changes run: at once, or as part of a transaction that a client has open.

A client names its transaction by the metadata ``pach-transaction``. Only the changes in ``CHANGES`` heed it; all other
RPCs run at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import empty_pb2
from python_pachyderm.proto.v2.pfs import pfs_pb2
from python_pachyderm.proto.v2.transaction import transaction_pb2

from harness.pachd.errors import PachError
from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import transactions
from harness.pachd.services import pfs_changes, pps_changes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.pachd.pfs.transactions import Stored
    from harness.pachd.pfs.txn import Txn
    from harness.pachd.pfs.version_store import VersionStore

    Change = Callable[[Txn, Any], Any]

METADATA = "pach-transaction"

# By the field of TransactionRequest that holds the request.
CHANGES: dict[str, Change] = {
    change.__name__: change
    for change in (
        pfs_changes.create_repo,
        pfs_changes.delete_repo,
        pfs_changes.start_commit,
        pfs_changes.finish_commit,
        pfs_changes.squash_commit_set,
        pfs_changes.create_branch,
        pfs_changes.delete_branch,
        pps_changes.create_pipeline,
        pps_changes.stop_job,
        pps_changes.update_job_state,
    )
}


def rpc(change: Change) -> Callable[[Any, Any, Any], Any]:
    """The RPC that makes ``change``: a method for services that have a ``store``."""

    def call(service: Any, request: Any, context: Any) -> Any:
        id_ = _joined(context)
        if id_:
            return _append(service.store, id_, change.__name__, request)
        with service.store.transaction() as txn:
            return change(txn, request)

    call.__doc__ = change.__doc__
    return call


def run_all(txn: Txn, requests: Sequence[Any]) -> list[Any]:
    """The TransactionResponses of TransactionRequests that run in turn, each seeing what those before it did."""
    return [_run(txn, request, f"{number} of {len(requests)}") for number, request in enumerate(requests, start=1)]


def read_requests(stored: Stored) -> list[Any]:
    """The TransactionRequests of a stored transaction."""
    return [transaction_pb2.TransactionRequest.FromString(request) for request in stored.requests]


def _joined(context: Any) -> str:
    """The id of the transaction that a call is to join; empty for none, which some clients send as an empty value."""
    ids = [value for key, value in context.invocation_metadata() if key == METADATA and value]
    if len(ids) > 1:
        raise errors.SEVERAL_TRANSACTIONS()
    return ids[0] if ids else ""


def _append(store: VersionStore, id_: str, field: str, request: Any) -> Any:
    """Try a stored transaction with one more request, keep that where all went well, and give its response."""
    added = transaction_pb2.TransactionRequest(**{field: request})
    with store.db.write() as conn:
        with store.rehearsal(conn, id_) as txn:
            response = run_all(txn, [*read_requests(transactions.get(conn, id_)), added])[-1]
        transactions.append(conn, id_, added.SerializeToString(), response.SerializeToString())
    return response.commit if response.HasField("commit") else empty_pb2.Empty()


def _run(txn: Txn, request: Any, place: str) -> Any:
    field = next((field.name for field, _ in request.ListFields()), "")
    try:
        if field not in CHANGES:
            raise errors.UNKNOWN_TRANSACTION_REQUEST()
        made = CHANGES[field](txn, getattr(request, field))
    except PachError as error:
        raise error.within(f"error running request {place}") from None
    return transaction_pb2.TransactionResponse(commit=made if isinstance(made, pfs_pb2.Commit) else None)
