"""Branches: each has exactly one head at all times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.pachd.errors import PachError
from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import dag, names, records, triggers
from harness.pachd.pfs.keys import SPEC, Branch, Commit, Repo
from harness.pachd.pfs.resolve import resolve

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Sequence

    from harness.pachd.pfs.resolve import Reference
    from harness.pachd.pfs.triggers import Trigger
    from harness.pachd.pfs.txn import Txn

_SELECT = (
    "SELECT b.pk, r.project, r.name, r.type, b.name AS branch, b.head, c.id, b.created,"
    " (SELECT count(*) FROM branch_closure WHERE downstream = b.pk) AS depth"
    " FROM branches b JOIN repos r ON r.pk = b.repo"
    # A head is of the branch's own repo.
    " JOIN commits c ON c.pk = b.head"
)


@dataclass(frozen=True)
class BranchRow:
    """A branch; the three lists of branches are sorted by key. ``created`` in nanoseconds since the epoch."""

    pk: int
    key: Branch
    head: Commit
    head_pk: int
    created: int
    direct_provenance: tuple[Branch, ...]
    provenance: tuple[Branch, ...]
    subvenance: tuple[Branch, ...]


def find(conn: sqlite3.Connection, branch: Branch) -> BranchRow | None:
    """The branch, where there is one."""
    repo = branch.repo
    row = conn.execute(
        f"{_SELECT} WHERE r.project = ? AND r.name = ? AND r.type = ? AND b.name = ?",
        (repo.project, repo.name, repo.type, branch.name),
    ).fetchone()
    return _load(conn, row) if row is not None else None


def get(conn: sqlite3.Connection, branch: Branch) -> BranchRow:
    """The branch; raises BRANCH_NOT_FOUND, also where the repo is missing."""
    row = find(conn, branch)
    if row is None:
        raise errors.BRANCH_NOT_FOUND(name=branch.name, repo=branch.repo)
    return row


def listing(conn: sqlite3.Connection, repo: Repo | None = None, *, reverse: bool = False) -> list[BranchRow]:
    """Branches of ``repo`` (None: of all), newest first; those of one transaction upstream first.

    ``reverse`` turns the whole order. Raises REPO_NOT_FOUND.
    """
    where, values = ("", []) if repo is None else ("WHERE b.repo = ?", [records.repo_number(conn, repo)])
    order = "b.created, depth DESC, b.pk DESC" if reverse else "b.created DESC, depth, b.pk"
    return [_load(conn, row) for row in conn.execute(f"{_SELECT} {where} ORDER BY {order}", values).fetchall()]


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
    old = find(conn, branch)
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
    return _empty_commit(txn, branch, None, [get(txn.conn, name) for name in get(txn.conn, branch).direct_provenance])


def delete(txn: Txn, branch: Branch, *, force: bool = False) -> None:
    """DeleteBranch; its commits stay. What does not exist is success, a missing repo only with ``force``.

    With ``force`` the branches that depend on it lose it from their provenance (see :func:`create`).
    """
    row = find(txn.conn, branch)
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
    if find(txn.conn, branch) is None:
        create(txn, branch)
    return get(txn.conn, branch)


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


def _load(conn: sqlite3.Connection, row: sqlite3.Row) -> BranchRow:
    repo = Repo(row["project"], row["name"], row["type"])
    return BranchRow(
        pk=row["pk"],
        key=Branch(repo, row["branch"]),
        head=Commit(repo, row["id"]),
        head_pk=row["head"],
        created=row["created"],
        direct_provenance=tuple(dag.direct(conn, row["pk"]).values()),
        provenance=tuple(dag.provenance(conn, row["pk"]).values()),
        subvenance=tuple(dag.subvenance(conn, row["pk"]).values()),
    )
