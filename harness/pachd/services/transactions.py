# ruff: noqa: N802 -- methods are named as their RPCs
"""``transaction_v2.API``: several changes under one id, all of them or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import empty_pb2
from python_pachyderm.proto.v2.transaction import transaction_pb2

from harness.pachd.pfs import keys, transactions
from harness.pachd.services import joining, pfs_wire

if TYPE_CHECKING:
    from harness.pachd.pfs.transactions import Stored
    from harness.pachd.pfs.version_store import VersionStore


class Transactions:
    """Transactions that clients fill request by request (see :mod:`joining`), and those that come in one piece."""

    def __init__(self, store: VersionStore) -> None:
        self.store = store

    def StartTransaction(self, _request: Any, _context: Any) -> Any:
        """Open an empty transaction; its id is that of the commits that it will make."""
        id_ = keys.new_id()
        with self.store.db.write() as conn:
            transactions.start(conn, id_, self.store.now())
        return transaction_pb2.Transaction(id=id_)

    def InspectTransaction(self, request: Any, _context: Any) -> Any:
        """What an open transaction holds so far."""
        with self.store.snapshot() as conn:
            return _info(transactions.get(conn, request.transaction.id))

    def ListTransaction(self, _request: Any, _context: Any) -> Any:
        """All open transactions, newest first."""
        with self.store.snapshot() as conn:
            return transaction_pb2.TransactionInfos(transaction_info=map(_info, transactions.listing(conn)))

    def DeleteTransaction(self, request: Any, _context: Any) -> Any:
        """Forget an open transaction; nothing of it is done."""
        with self.store.db.write() as conn:
            transactions.delete(conn, request.transaction.id)
        return empty_pb2.Empty()

    def DeleteAll(self, _request: Any, _context: Any) -> Any:
        """Forget every open transaction."""
        with self.store.db.write() as conn:
            transactions.delete_all(conn)
        return empty_pb2.Empty()

    def FinishTransaction(self, request: Any, _context: Any) -> Any:
        """Do all that an open transaction holds; where that fails, it stays open."""
        id_ = request.transaction.id
        with self.store.transaction(id_) as txn:
            stored = transactions.get(txn.conn, id_)
            transactions.delete(txn.conn, id_)
            responses = joining.run_all(txn, joining.read_requests(stored))
        info = _info(stored)
        del info.responses[:]
        info.responses.extend(responses)
        return info

    def BatchTransaction(self, request: Any, _context: Any) -> Any:
        """Do all requests at once, under an id of their own."""
        with self.store.transaction() as txn:
            responses = joining.run_all(txn, request.requests)
        return transaction_pb2.TransactionInfo(
            transaction=transaction_pb2.Transaction(id=txn.id),
            requests=request.requests,
            responses=responses,
            started=pfs_wire.time(txn.now),
        )


def _info(stored: Stored) -> Any:
    return transaction_pb2.TransactionInfo(
        transaction=transaction_pb2.Transaction(id=stored.id),
        requests=joining.read_requests(stored),
        responses=map(transaction_pb2.TransactionResponse.FromString, stored.responses),
        started=pfs_wire.time(stored.started),
        version=stored.version,
    )
