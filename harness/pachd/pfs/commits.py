"""The life of a commit: started, written into, finished; and lists of commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.errors import PachError
from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import branch_records, branches, names, records, roots
from harness.pachd.pfs.keys import Branch, Commit
from harness.pachd.pfs.resolve import resolve

if TYPE_CHECKING:
    import sqlite3

    from harness.pachd.pfs.records import CommitRow
    from harness.pachd.pfs.resolve import Reference
    from harness.pachd.pfs.txn import Txn


def start(txn: Txn, branch: Branch, parent: Reference | None = None, description: str = "") -> Commit:
    """StartCommit: a USER commit on ``branch``, which is made where missing; downstream commits follow at the end.

    ``parent`` (default: the branch's head) must be of the same repo and at least finishing.
    """
    base = startable(txn.conn, branch, parent)
    if records.find(txn.conn, Commit(branch.repo, txn.id)) is not None:
        source = base.key if base is not None else Commit(branch.repo, "")
        raise errors.SECOND_COMMIT(parent=source, name=branch.repo.name)
    number = base.pk if base is not None else None
    head = records.insert(txn, branch, records.USER, parent=number, description=description)
    branches.point(txn, branch, head)
    txn.dirty.add(branch)
    return Commit(branch.repo, txn.id)


def startable(conn: sqlite3.Connection, branch: Branch, parent: Reference | None = None) -> CommitRow | None:
    """The commit on which a new one of ``branch`` would build, None for an empty start.

    Raises what forbids to start one, in Pachyderm's order: a bad name, REPO_NOT_FOUND, OUTPUT_BRANCH, what resolving
    the parent raises, PARENT_OF_OTHER_REPO, PARENT_NOT_FINISHED.
    """
    names.check_branch(branch.name)
    records.repo_number(conn, branch.repo)
    row = branch_records.find(conn, branch)
    if row is not None and row.derived:
        raise errors.OUTPUT_BRANCH(branch=branch)
    if parent is not None:
        base: CommitRow | None = _resolved_parent(conn, branch, parent)
    else:
        base = records.at(conn, row.head_pk) if row is not None else None
    if base is not None and base.finishing is None:
        raise errors.PARENT_NOT_FINISHED(commit=base.key)
    return base


def finish(txn: Txn, commit: Commit, error: str = "", description: str = "", *, force: bool = False) -> None:
    """FinishCommit. ``error`` marks the commit as failed: it stays readable, but children do not build on it.

    A commit whose base is open is finished together with that base. Raises ALREADY_FINISHED, and OUTPUT_COMMIT for
    what only a job may finish, unless ``force``.
    """
    row = records.get(txn.conn, commit)
    if row.finishing is not None:
        raise errors.ALREADY_FINISHED(commit=commit)
    if row.direct_provenance and not force and any(guard(txn.conn, commit) for guard in txn.store.finish_guards):
        raise errors.OUTPUT_COMMIT()
    txn.conn.execute(
        "UPDATE commits SET finishing = ?, error = ?, description = ? WHERE pk = ?",
        (txn.now, error, description or row.description, row.pk),
    )
    if roots.is_settled(txn.conn, row.parent_pk):
        _settle(txn, row, content(txn.conn, row), error)
        _settle_below(txn, row.pk)
    elif error:
        txn.conn.execute("UPDATE commits SET finished = ?, size = NULL WHERE pk = ?", (txn.now, row.pk))
    txn.publish_commit(commit)


def seal(txn: Txn, commit: Commit, root: bytes | None, error: str = "") -> str:
    """Finish a pipeline's output or meta commit with the content ``root`` (None: what it has).

    Returns the error that was stored: ``error``, else what validation found. Raises ALREADY_FINISHED.
    """
    row = records.get(txn.conn, commit)
    if row.finished is not None:
        raise errors.ALREADY_FINISHED(commit=commit)
    txn.conn.execute("UPDATE commits SET finishing = coalesce(finishing, ?) WHERE pk = ?", (txn.now, row.pk))
    txn.publish_commit(commit)
    problem = _settle(txn, row, content(txn.conn, row) if root is None else root, error)
    _settle_below(txn, row.pk)
    return problem


def clear(txn: Txn, commit: Commit) -> None:
    """ClearCommit: drop everything written into an open commit."""
    row = records.get(txn.conn, commit)
    if row.finishing is not None:
        raise errors.CLEAR_FINISHED()
    write(txn, commit, None)


def write(txn: Txn, commit: Commit, root: bytes | None) -> None:
    """Replace the content of an open commit; None stands for its parent's, whatever that will be."""
    txn.conn.execute("UPDATE commits SET root = ? WHERE pk = ?", (root, records.get(txn.conn, commit).pk))


def content(conn: sqlite3.Connection, row: CommitRow) -> bytes:
    """The root of what is in the commit at this moment."""
    return row.root if row.root is not None else roots.settled(conn, row.parent_pk)


def _resolved_parent(conn: sqlite3.Connection, branch: Branch, parent: Reference) -> CommitRow:
    try:
        row = resolve(conn, parent.repo, parent.branch, parent.id)
    except PachError as error:
        raise error.within("parent commit not found") from None
    if row.key.repo != branch.repo:
        raise errors.PARENT_OF_OTHER_REPO(parent=row.key, branch=branch)
    return row


def _settle(txn: Txn, row: CommitRow, root: bytes, error: str) -> str:
    """Give a finishing commit its final content; returns why it failed, if it did."""
    files = txn.store.files
    below = roots.settled(txn.conn, row.parent_pk)
    problem = error or files.problems(root, below)
    size = None if error else files.total_size(root)
    base = None if problem else root
    if problem and roots.is_settled(txn.conn, row.parent_pk):
        base = below
    txn.conn.execute(
        "UPDATE commits SET finished = ?, error = ?, root = ?, base = ?, size = ? WHERE pk = ?",
        (txn.now, problem, root, base, size, row.pk),
    )
    if not problem:
        txn.finished.append(row.pk)
    return problem


def _settle_below(txn: Txn, settled: int) -> None:
    """Settle the commits that waited for their base, which may be a long line of them."""
    parents = [settled] if roots.is_settled(txn.conn, settled) else []
    for parent in parents:
        waiting = records.select(
            txn.conn, "WHERE c.parent = ? AND c.finishing IS NOT NULL AND c.base IS NULL", (parent,)
        )
        for child in waiting:
            if child.finished is None:
                _settle(txn, child, content(txn.conn, child), "")
                txn.publish_commit(child.key)
            else:
                _inherit(txn, child)
            parents.append(child.pk)


def _inherit(txn: Txn, row: CommitRow) -> None:
    """Tell a commit that was finished before its base (with an error, or empty at birth) what that came to hold."""
    root = content(txn.conn, row)
    base = roots.settled(txn.conn, row.parent_pk) if row.error else root
    size = row.size if row.error else txn.store.files.total_size(root)
    txn.conn.execute("UPDATE commits SET root = ?, base = ?, size = ? WHERE pk = ?", (root, base, size, row.pk))
