"""The version store's things as Pachyderm's messages; :mod:`.pfs_requests` is the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import timestamp_pb2
from python_pachyderm.proto.v2.pfs import pfs_pb2

from harness.pachd.pfs import commits, records, triggers

if TYPE_CHECKING:
    import sqlite3

    from harness.pachd.pfs.branch_records import BranchRow
    from harness.pachd.pfs.filesets import FileSets
    from harness.pachd.pfs.keys import Branch, Commit, Repo
    from harness.pachd.pfs.projects import ProjectRow
    from harness.pachd.pfs.reading import Node
    from harness.pachd.pfs.records import CommitRow
    from harness.pachd.pfs.triggers import Trigger

NANOS = 1_000_000_000


def fill_time(message: Any, nanoseconds: int) -> None:
    """Write a timestamp."""
    message.seconds, message.nanos = divmod(nanoseconds, NANOS)


# Messages are filled where they stand: making parts and copying them into wholes takes five times as long.


def fill_repo(message: Any, key: Repo) -> None:
    """Write a Repo, with project and type always set."""
    message.name, message.type, message.project.name = key.name, key.type, key.project


def fill_branch(message: Any, key: Branch) -> None:
    """Write a Branch."""
    message.name = key.name
    fill_repo(message.repo, key.repo)


def fill_commit(message: Any, key: Commit, made_on: Branch) -> None:
    """Write a Commit; clients read the repo in different places, so both are set."""
    message.id = key.id
    fill_repo(message.repo, key.repo)
    fill_branch(message.branch, made_on)


def time(nanoseconds: int) -> Any:
    """A timestamp."""
    message = timestamp_pb2.Timestamp()
    fill_time(message, nanoseconds)
    return message


def repo(key: Repo) -> Any:
    """Repo."""
    message = pfs_pb2.Repo()
    fill_repo(message, key)
    return message


def branch(key: Branch) -> Any:
    """Branch."""
    message = pfs_pb2.Branch()
    fill_branch(message, key)
    return message


def commit(key: Commit, made_on: Branch) -> Any:
    """Commit."""
    message = pfs_pb2.Commit()
    fill_commit(message, key, made_on)
    return message


def project_info(row: ProjectRow) -> Any:
    """ProjectInfo."""
    info = pfs_pb2.ProjectInfo(description=row.description)
    info.project.name = row.name
    fill_time(info.created_at, row.created)
    return info


def branch_info(conn: sqlite3.Connection, row: BranchRow) -> Any:
    """BranchInfo."""
    info = pfs_pb2.BranchInfo()
    fill_branch(info.branch, row.key)
    fill_commit(info.head, row.head, records.at(conn, row.head_pk).branch)
    for field, keys_ in (
        (info.direct_provenance, row.direct_provenance),
        (info.provenance, row.provenance),
        (info.subvenance, row.subvenance),
    ):
        for key in keys_:
            fill_branch(field.add(), key)
    if (trigger := triggers.of(conn, row.pk)) is not None:
        _fill_trigger(info.trigger, trigger)
    return info


def commit_info(conn: sqlite3.Connection, row: CommitRow) -> Any:
    """CommitInfo, with the size that was stored: 0 until the commit is finished."""
    info = pfs_pb2.CommitInfo(description=row.description, error=row.error, size_bytes_upper_bound=row.size or 0)
    fill_commit(info.commit, row.key, row.branch)
    info.origin.kind = pfs_pb2.OriginKind.Value(row.origin)
    relatives = records.relatives(conn, row)
    if relatives.parent is not None:
        fill_commit(info.parent_commit, *relatives.parent)
    for child in relatives.children:
        fill_commit(info.child_commits.add(), *child)
    for upstream in relatives.provenance:
        fill_commit(info.direct_provenance.add(), *upstream)
    fill_time(info.started, row.started)
    if row.finishing is not None:
        fill_time(info.finishing, row.finishing)
    if row.finished is not None:
        fill_time(info.finished, row.finished)
    if row.size is not None:
        _fill_details(info.details, row, row.size)
    return info


def file_set_info(row: CommitRow) -> Any:
    """CommitInfo of the commit that a file set looks like: finished at the epoch."""
    info = pfs_pb2.CommitInfo(description=row.description)
    fill_commit(info.commit, row.key, row.branch)
    # Set though empty: pachctl reads both without looking whether they are there.
    info.origin.SetInParent()
    info.started.SetInParent()
    info.finished.SetInParent()
    return info


def listed_commit_info(conn: sqlite3.Connection, files: FileSets, row: CommitRow) -> Any:
    """CommitInfo as ListCommit gives it: the size is that of the present content, also of open commits."""
    info = commit_info(conn, row)
    info.size_bytes_upper_bound = files.total_size(commits.content(conn, row))
    return info


def file_info(row: CommitRow, node: Node) -> Any:
    """FileInfo of a file or directory in the commit ``row``."""
    info = pfs_pb2.FileInfo(size_bytes=node.size, hash=node.hash)
    info.file_type = pfs_pb2.DIR if node.is_dir else pfs_pb2.FILE
    info.file.path, info.file.datum = node.path, node.datum
    fill_commit(info.file.commit, row.key, row.branch)
    if row.finishing is not None:
        fill_time(info.committed, row.finishing)
    return info


def _fill_trigger(message: Any, trigger: Trigger) -> None:
    message.branch, message.all, message.commits = trigger.branch, trigger.all, trigger.commits
    message.size, message.rate_limit_spec, message.cron_spec = trigger.size, trigger.rate_limit_spec, trigger.cron_spec


def _fill_details(details: Any, row: CommitRow, size: int) -> None:
    details.SetInParent()
    details.size_bytes = size
    if row.finished is not None and row.finished > row.started:
        # Contents are composed and checked within FinishCommit, in no time of their own.
        details.compacting_time.SetInParent()
        details.validating_time.SetInParent()
