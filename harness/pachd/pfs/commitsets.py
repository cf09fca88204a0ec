"""Commit sets: all commits of one id, and what they depend on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import branches, dag, records, roots
from harness.pachd.pfs.keys import SPEC, Branch, Commit, Repo
from harness.pachd.store.collecting import GARBAGE

if TYPE_CHECKING:
    import sqlite3

    from harness.pachd.pfs.records import CommitRow
    from harness.pachd.pfs.txn import Txn


def own(conn: sqlite3.Connection, id_: str) -> list[Commit]:
    """The commits with that id, in order of creation."""
    return [row.key for row in _own_rows(conn, id_)]


def members(conn: sqlite3.Connection, id_: str) -> list[CommitRow]:
    """The commits with that id and all that they depend on, provenance first. Raises SET_NOT_FOUND."""
    rows = records.select(
        conn,
        # A commit's provenance was made before it, so the order of creation is topological.
        "WHERE c.pk IN (WITH RECURSIVE run (pk) AS (SELECT pk FROM commits WHERE id = ? UNION"
        " SELECT e.upstream FROM run JOIN commit_provenance e ON e.downstream = run.pk) SELECT pk FROM run)"
        " ORDER BY c.pk",
        (id_,),
    )
    if not rows:
        raise errors.SET_NOT_FOUND(id=id_)
    return rows


def page(conn: sqlite3.Connection, project: str, before: int | None, count: int) -> list[tuple[int, str]]:
    """Ids of commit sets, newest first, at most ``count``; ``project`` (empty: any) must have a commit of the set.

    Each comes with the number of its newest commit; give the last one as ``before`` for the next page.
    """
    found = conn.execute(
        "SELECT c.pk, c.id FROM commits c WHERE (:before IS NULL OR c.pk < :before)"
        " AND NOT EXISTS (SELECT 1 FROM commits later WHERE later.id = c.id AND later.pk > c.pk)"
        " AND (:project = '' OR EXISTS (SELECT 1 FROM commits o JOIN repos r ON r.pk = o.repo"
        " WHERE o.id = c.id AND r.project = :project)) ORDER BY c.pk DESC LIMIT :count",
        {"before": before, "project": project, "count": count},
    )
    return [(pk, id_) for pk, id_ in found]


def squash(txn: Txn, id_: str) -> None:
    """SquashCommitSet: forget commits that have children; the children keep their content. An unknown id is success."""
    rows = _removable(txn.conn, id_)
    for row in rows:
        if not _children(txn.conn, row):
            raise errors.SQUASH_WITHOUT_CHILDREN(commit=row.key)
    for row in rows:
        for child in _children(txn.conn, row):
            if not roots.is_settled(txn.conn, child.pk):  # what it holds is not known yet
                advice = ", consider using WaitCommit" if child.finishing is not None else ""
                raise errors.SQUASH_UNFINISHED_CHILD(commit=child.key, advice=advice)
    _remove(txn, rows)


def drop(txn: Txn, id_: str) -> None:
    """DropCommitSet: delete commits without children, with their content. An unknown id is success."""
    rows = _removable(txn.conn, id_)
    for row in rows:
        if _children(txn.conn, row):
            raise errors.DROP_WITH_CHILDREN(commit=row.key)
    _remove(txn, rows)


def _own_rows(conn: sqlite3.Connection, id_: str) -> list[CommitRow]:
    return records.select(conn, "WHERE c.id = ? ORDER BY c.pk", (id_,))


def _children(conn: sqlite3.Connection, row: CommitRow) -> list[CommitRow]:
    return records.select(conn, "WHERE c.parent = ? ORDER BY c.pk", (row.pk,))


def _removable(conn: sqlite3.Connection, id_: str) -> list[CommitRow]:
    """The set's own commits, where nothing else depends on them."""
    dependents = conn.execute(
        # From set to set, not from commit to commit: a set depends on another by any of its commits.
        "WITH RECURSIVE below (id) AS (SELECT :id UNION SELECT d.id FROM below JOIN commits c ON c.id = below.id"
        " JOIN commit_provenance e ON e.upstream = c.pk JOIN commits d ON d.pk = e.downstream)"
        " SELECT c.id FROM below JOIN commits c ON c.id = below.id WHERE c.id <> :id GROUP BY c.id ORDER BY min(c.pk)",
        {"id": id_},
    ).fetchall()
    if dependents:
        names = " ".join(f'id:"{other}"' for (other,) in dependents)
        raise errors.SET_HAS_SUBVENANCE(set=f'"id:\\"{id_}\\""', subvenance=names)
    rows = _own_rows(conn, id_)
    for row in rows:
        if row.key.repo.type == SPEC and row.origin == records.USER:
            raise errors.SQUASH_SPEC(commit=row.key)
    return rows


def _remove(txn: Txn, rows: list[CommitRow]) -> None:
    for hook in txn.store.at_removal:
        hook(txn, [row.key for row in rows])
    # Upstream first: a new empty head takes the present heads of its provenance, which must not be doomed ones.
    heads = [pk for row in rows for (pk,) in _branches_at(txn.conn, row)]
    for row in rows:
        txn.conn.execute("UPDATE commits SET parent = ? WHERE parent = ?", (row.parent_pk, row.pk))
    for pk in dag.upstream_first(txn.conn, heads):
        _retreat(txn, pk)
    for row in rows:
        txn.conn.execute("DELETE FROM commits WHERE pk = ?", (row.pk,))
        txn.publish_commit(row.key)
    txn.publish(GARBAGE)


def _branches_at(conn: sqlite3.Connection, row: CommitRow) -> list[tuple[int]]:
    return conn.execute("SELECT pk FROM branches WHERE head = ?", (row.pk,)).fetchall()


def _retreat(txn: Txn, pk: int) -> None:
    """Move a branch off its head, which goes away: to the parent, else to a new empty commit."""
    name, head, project, repo, type_ = txn.conn.execute(
        "SELECT b.name, b.head, r.project, r.name, r.type FROM branches b JOIN repos r ON r.pk = b.repo WHERE b.pk = ?",
        (pk,),
    ).fetchone()
    branch = Branch(Repo(project, repo, type_), name)
    parent = records.at(txn.conn, head).parent_pk
    branches.point(txn, branch, parent if parent is not None else branches.first_commit(txn, branch))
