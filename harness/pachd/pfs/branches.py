"""The life of a branch: made, pointed at a head, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.errors import PachError
from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import branch_records, dag, names, records, triggers
from harness.pachd.pfs.keys import SPEC, Commit
from harness.pachd.pfs.resolve import resolve

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Sequence

    from harness.pachd.pfs.branch_records import BranchRow
    from harness.pachd.pfs.keys import Branch
    from harness.pachd.pfs.resolve import Reference
    from harness.pachd.pfs.triggers import Trigger
    from harness.pachd.pfs.txn import Txn


def create(
    txn: Txn,
    branch: Branch,
    head: Reference | None = None,
    provenance: Sequence[Branch] = (),
    trigger: Trigger | None = None,
) -> None:
    """CreateBranch: make ``branch``, or set its head and replace its direct provenance.

    Missing provenance branches are made with an empty finished commit. Where the branch has no head, or got a new
    provenance, a new AUTO commit becomes its head: finished when all its provenance is of spec repos, else open.
    A branch whose head was set or made is dirty, even where the head is the one it had. A trigger that the branch has
    stays unless another is given.
    """
    if head is not None and head.repo != branch.repo:
        raise errors.HEAD_OF_OTHER_REPO()
    conn = txn.conn
    upstream = _prepare(txn, branch, provenance, trigger)
    old = branch_records.find(conn, branch)
    head_pk = _resolved(conn, head) if head is not None else old.head_pk if old is not None else None
    if any(name.repo == branch.repo for name in provenance):
        raise errors.OWN_REPO_IN_PROVENANCE(repo=branch.repo)
    before = old.direct_provenance if old is not None else ()
    rewired = set(before) != set(provenance)
    made = head_pk is None or (rewired and bool(upstream))
    if made:
        head_pk = _empty_commit(txn, branch, head_pk, upstream)
    assert head_pk is not None  # noqa: S101 -- made above where it was missing
    pk = point(txn, branch, head_pk)
    if rewired:
        dag.rewire(conn, pk, branch, {row.pk: row.key for row in upstream})
        txn.rewired.add(branch)
    if trigger is not None:
        triggers.put(txn, pk, trigger)
    if made or head is not None:
        txn.dirty.add(branch)


def point(txn: Txn, branch: Branch, head: int) -> int:
    """Make commit number ``head`` the head of ``branch``, which is made where missing; returns the branch's number."""
    repo = records.repo_number(txn.conn, branch.repo)
    txn.conn.execute(
        "INSERT INTO branches (repo, name, head, created) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (repo, name) DO UPDATE SET head = excluded.head",
        (repo, branch.name, head, txn.now),
    )
    found = txn.conn.execute("SELECT pk FROM branches WHERE repo = ? AND name = ?", (repo, branch.name)).fetchone()
    return int(found[0])


def first_commit(txn: Txn, branch: Branch) -> int:
    """A new empty commit for an existing branch that lost all of its own; returns its number."""
    upstream = branch_records.get(txn.conn, branch).direct_provenance
    return _empty_commit(txn, branch, None, [branch_records.get(txn.conn, name) for name in upstream])


def delete(txn: Txn, branch: Branch, *, force: bool = False) -> None:
    """DeleteBranch; its commits stay. What does not exist is success, a missing repo only with ``force``.

    With ``force`` the branches that depend on it lose it from their provenance (see :func:`create`).
    """
    row = branch_records.find(txn.conn, branch)
    if row is None:
        if not force:
            records.repo_number(txn.conn, branch.repo)
        return
    if row.subvenance and not force:
        raise errors.BRANCH_HAS_SUBVENANCE(name=branch.name, subvenance=" ".join(map(str, row.subvenance)))
    below = dag.dependents(txn.conn, row.pk)
    for pk in dag.upstream_first(txn.conn, below):
        left = [name for number, name in dag.direct(txn.conn, pk).items() if number != row.pk]
        create(txn, below[pk], provenance=left)
    txn.conn.execute("DELETE FROM branches WHERE pk = ?", (row.pk,))
    txn.dirty.discard(branch)
    txn.rewired.discard(branch)


def _prepare(txn: Txn, branch: Branch, provenance: Sequence[Branch], trigger: Trigger | None) -> list[BranchRow]:
    """What comes before a head is looked at: checks, and the branches of the provenance, made where missing."""
    conn = txn.conn
    if trigger is not None:
        triggers.check(conn, branch, trigger)
    if provenance and (trigger is not None or triggers.has(conn, branch)):
        raise errors.PROVENANCE_AND_TRIGGER()
    for name in (branch, *provenance):
        names.check_branch(name.name)
    upstream = [_ensure(txn, name) for name in dict.fromkeys(provenance)]
    records.repo_number(conn, branch.repo)
    return upstream


def _resolved(conn: sqlite3.Connection, head: Reference) -> int:
    try:
        return resolve(conn, head.repo, head.branch, head.id).pk
    except PachError as error:
        raise error.within(f"unable to inspect {head}") from None


def _ensure(txn: Txn, branch: Branch) -> BranchRow:
    if branch_records.find(txn.conn, branch) is None:
        create(txn, branch)
    return branch_records.get(txn.conn, branch)


def _empty_commit(txn: Txn, branch: Branch, parent: int | None, upstream: Collection[BranchRow]) -> int:
    """A commit without changes. Two branches of one repo that a transaction makes without provenance share theirs."""
    if parent is None and not upstream:
        twin = records.find(txn.conn, Commit(branch.repo, txn.id))
        if twin is not None and twin.origin == records.AUTO and twin.parent is None and not twin.direct_provenance:
            return twin.pk
    return records.insert(
        txn,
        branch,
        records.AUTO,
        parent=parent,
        provenance=[row.head_pk for row in upstream],
        closed=all(row.key.repo.type == SPEC for row in upstream),
    )
