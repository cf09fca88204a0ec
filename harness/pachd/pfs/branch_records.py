"""Branches as rows: reading them. Each has exactly one head at all times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import dag, records
from harness.pachd.pfs.keys import SPEC, Branch, Commit, Repo

if TYPE_CHECKING:
    import sqlite3

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

    @property
    def derived(self) -> bool:
        """Whether its commits follow from those of others. A spout's, which has only its spec above it, do not."""
        return any(above.repo.type != SPEC for above in self.provenance)


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


def head_of(conn: sqlite3.Connection, branch: Branch) -> int:
    """The number of the head; raises BRANCH_NOT_FOUND, also where the repo is missing."""
    repo = branch.repo
    found = conn.execute(
        "SELECT b.head FROM branches b JOIN repos r ON r.pk = b.repo"
        " WHERE r.project = ? AND r.name = ? AND r.type = ? AND b.name = ?",
        (repo.project, repo.name, repo.type, branch.name),
    ).fetchone()
    if found is None:
        raise errors.BRANCH_NOT_FOUND(name=branch.name, repo=repo)
    return int(found[0])


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
