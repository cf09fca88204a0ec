"""The changes of the version store that can join a client's transaction.

Each is a function of a server transaction and a request, named as the request's field in ``TransactionRequest``; what
makes them RPCs is :mod:`harness.pachd.services.joining`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import empty_pb2

from harness.pachd.errors import PachError
from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import branches, commits, commitsets, repos, triggers
from harness.pachd.pfs.resolve import resolve
from harness.pachd.services import pfs_requests
from harness.pachd.services import pfs_wire as wire

if TYPE_CHECKING:
    from harness.pachd.pfs.txn import Txn


def create_repo(txn: Txn, request: Any) -> Any:
    """Make a repo, or with ``update`` describe it anew."""
    repos.create(txn, pfs_requests.required_repo(request), request.description, update=request.update)
    return empty_pb2.Empty()


def delete_repo(txn: Txn, request: Any) -> Any:
    """Delete a repo with its branches and commits; a missing one is success."""
    if not request.HasField("repo"):
        raise errors.NO_REPO()
    repos.delete(txn, pfs_requests.read_repo(request.repo), force=request.force)
    return empty_pb2.Empty()


def start_commit(txn: Txn, request: Any) -> Any:
    """Start a commit on a branch."""
    if not request.HasField("branch"):
        raise errors.NO_BRANCH()
    branch = pfs_requests.read_branch(request.branch)
    parent = pfs_requests.read_commit(request.parent) if request.HasField("parent") else None
    return wire.commit(commits.start(txn, branch, parent, request.description), branch)


def finish_commit(txn: Txn, request: Any) -> Any:
    """Finish a commit; it is finished when the transaction is kept, unless its parent is open."""
    try:
        reference = pfs_requests.required_commit(request)
    except PachError as error:
        raise error.within("check new file commit") from None
    commit = resolve(txn.conn, reference.repo, reference.branch, reference.id).key
    commits.finish(txn, commit, request.error, request.description, force=request.force)
    return empty_pb2.Empty()


def squash_commit_set(txn: Txn, request: Any) -> Any:
    """Forget the commits of an id; their children keep the content."""
    commitsets.squash(txn, pfs_requests.required_set(request))
    return empty_pb2.Empty()


def create_branch(txn: Txn, request: Any) -> Any:
    """Make a branch, move its head or replace its provenance."""
    branch = pfs_requests.required_branch(request)
    provenance = [pfs_requests.read_branch(upstream) for upstream in request.provenance]
    trigger = triggers.read(request.trigger) if request.HasField("trigger") else None
    head = pfs_requests.read_commit(request.head) if request.HasField("head") else None
    branches.create(txn, branch, head, provenance, trigger)
    return empty_pb2.Empty()


def delete_branch(txn: Txn, request: Any) -> Any:
    """Delete a branch; its commits stay."""
    branches.delete(txn, pfs_requests.required_branch(request), force=request.force)
    return empty_pb2.Empty()
