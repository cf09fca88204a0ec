"""The version store's things as Pachyderm's messages, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import duration_pb2, timestamp_pb2
from python_pachyderm.proto.v2.pfs import pfs_pb2

from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import commits, keys, records
from harness.pachd.pfs.resolve import Reference

if TYPE_CHECKING:
    import sqlite3

    from harness.pachd.pfs.branches import BranchRow
    from harness.pachd.pfs.filesets import FileSets
    from harness.pachd.pfs.keys import Branch, Commit, Repo
    from harness.pachd.pfs.projects import ProjectRow
    from harness.pachd.pfs.records import CommitRow

NANOS = 1_000_000_000


def read_repo(message: Any) -> Repo:
    """The repo that a client names; project ``default`` and type ``user`` where it leaves them out."""
    return keys.Repo(message.project.name or keys.DEFAULT_PROJECT, message.name, message.type or keys.USER)


def required_repo(request: Any, field: str = "repo") -> Repo:
    """The repo in ``field`` of ``request``; raises NIL_REPO."""
    if not request.HasField(field):
        raise errors.NIL_REPO()
    return read_repo(getattr(request, field))


def read_branch(message: Any) -> Branch:
    """The branch that a client names; raises NIL_BRANCH_REPO."""
    if not message.HasField("repo"):
        raise errors.NIL_BRANCH_REPO()
    return keys.Branch(read_repo(message.repo), message.name)


def required_branch(request: Any, field: str = "branch") -> Branch:
    """The branch in ``field`` of ``request``; raises NIL_BRANCH, NIL_BRANCH_REPO."""
    if not request.HasField(field):
        raise errors.NIL_BRANCH()
    return read_branch(getattr(request, field))


def read_commit(message: Any) -> Reference:
    """The commit that a client names. python_pachyderm gives the repo inside the branch only, others in both places."""
    if message.HasField("repo"):
        repo = message.repo
    elif message.branch.HasField("repo"):
        repo = message.branch.repo
    else:
        raise errors.COMMIT_WITHOUT_REPO()
    return Reference(read_repo(repo), message.branch.name, message.id)


def required_commit(request: Any, field: str = "commit") -> Reference:
    """The commit in ``field`` of ``request``; raises NIL_COMMIT, COMMIT_WITHOUT_REPO."""
    if not request.HasField(field):
        raise errors.NIL_COMMIT()
    return read_commit(getattr(request, field))


def required_set(request: Any) -> str:
    """The id of the commit set in ``request``; raises NIL_COMMIT_SET."""
    if not request.HasField("commit_set"):
        raise errors.NIL_COMMIT_SET()
    return str(request.commit_set.id)


def read_time(message: Any) -> int:
    """Nanoseconds since the epoch."""
    return int(message.seconds) * NANOS + int(message.nanos)


def time(nanoseconds: int) -> Any:
    """A timestamp."""
    return timestamp_pb2.Timestamp(seconds=nanoseconds // NANOS, nanos=nanoseconds % NANOS)


def project_info(row: ProjectRow) -> Any:
    """ProjectInfo."""
    project = pfs_pb2.Project(name=row.name)
    return pfs_pb2.ProjectInfo(project=project, description=row.description, created_at=time(row.created))


def repo(key: Repo) -> Any:
    """Repo, with project and type always set."""
    return pfs_pb2.Repo(name=key.name, type=key.type, project=pfs_pb2.Project(name=key.project))


def branch(key: Branch) -> Any:
    """Branch."""
    return pfs_pb2.Branch(repo=repo(key.repo), name=key.name)


def commit(key: Commit, made_on: Branch) -> Any:
    """Commit: clients read the repo in different places, so both are set."""
    return pfs_pb2.Commit(repo=repo(key.repo), id=key.id, branch=branch(made_on))


def branch_info(conn: sqlite3.Connection, row: BranchRow) -> Any:
    """BranchInfo."""
    return pfs_pb2.BranchInfo(
        branch=branch(row.key),
        head=commit(row.head, records.at(conn, row.head_pk).branch),
        direct_provenance=map(branch, row.direct_provenance),
        provenance=map(branch, row.provenance),
        subvenance=map(branch, row.subvenance),
    )


def commit_info(conn: sqlite3.Connection, row: CommitRow) -> Any:
    """CommitInfo, with the size that was stored: 0 until the commit is finished."""
    relatives = records.relatives(conn, row)
    return pfs_pb2.CommitInfo(
        commit=commit(row.key, row.branch),
        origin=pfs_pb2.CommitOrigin(kind=pfs_pb2.OriginKind.Value(row.origin)),
        description=row.description,
        parent_commit=commit(*relatives.parent) if relatives.parent is not None else None,
        child_commits=[commit(*child) for child in relatives.children],
        started=time(row.started),
        finishing=time(row.finishing) if row.finishing is not None else None,
        finished=time(row.finished) if row.finished is not None else None,
        direct_provenance=[commit(*upstream) for upstream in relatives.provenance],
        error=row.error,
        size_bytes_upper_bound=row.size or 0,
        details=_details(row),
    )


def listed_commit_info(conn: sqlite3.Connection, files: FileSets, row: CommitRow) -> Any:
    """CommitInfo as ListCommit gives it: the size is that of the present content, also of open commits."""
    info = commit_info(conn, row)
    info.size_bytes_upper_bound = files.total_size(commits.content(conn, row))
    return info


def _details(row: CommitRow) -> Any:
    if row.size is None:
        return None
    details = pfs_pb2.CommitInfo.Details(size_bytes=row.size)
    if row.finished is not None and row.finished > row.started:
        # Contents are composed and checked within FinishCommit, in no time of their own.
        details.compacting_time.CopyFrom(duration_pb2.Duration())
        details.validating_time.CopyFrom(duration_pb2.Duration())
    return details
