"""Commits as rows: reading them, their relatives, and making new ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import roots
from harness.pachd.pfs.keys import Branch, Commit, Repo

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from harness.pachd.pfs.txn import Txn

USER, AUTO = "USER", "AUTO"

_SELECT = (
    "SELECT c.pk, r.project, r.name, r.type, c.id, c.branch, c.origin, c.description, c.parent, p.id AS parent_id,"
    " c.started, c.finishing, c.finished, c.error, c.root, c.size"
    " FROM commits c JOIN repos r ON r.pk = c.repo LEFT JOIN commits p ON p.pk = c.parent"
)


@dataclass(frozen=True)
class CommitRow:
    """A commit.

    ``branch`` is where it was made and never changes. ``finishing`` is set by who finishes it, ``finished`` when its
    content is settled; both None while it is open (nanoseconds since the epoch, as ``started``). ``root`` is None
    while nothing was written into it and it is not
    settled: its content is what its parent's will be. ``size`` is None where CommitInfo has no details.
    """

    pk: int
    key: Commit
    branch: Branch
    origin: str
    description: str
    parent: Commit | None
    parent_pk: int | None
    started: int
    finishing: int | None
    finished: int | None
    error: str
    root: bytes | None
    size: int | None
    direct_provenance: tuple[Commit, ...]


@dataclass(frozen=True)
class Relatives:
    """The commits that a commit's CommitInfo names, each with the branch on which it was made."""

    parent: tuple[Commit, Branch] | None
    children: list[tuple[Commit, Branch]]
    provenance: list[tuple[Commit, Branch]]


def find(conn: sqlite3.Connection, commit: Commit) -> CommitRow | None:
    """The commit with that repo and id."""
    where = "WHERE r.project = ? AND r.name = ? AND r.type = ? AND c.id = ?"
    found = select(conn, where, (*_values(commit.repo), commit.id))
    return found[0] if found else None


def get(conn: sqlite3.Connection, commit: Commit) -> CommitRow:
    """The commit with that repo and id; raises COMMIT_NOT_FOUND."""
    row = find(conn, commit)
    if row is None:
        raise errors.COMMIT_NOT_FOUND(commit=commit)
    return row


def at(conn: sqlite3.Connection, pk: int) -> CommitRow:
    """The commit with that number, which must exist."""
    return select(conn, "WHERE c.pk = ?", (pk,))[0]


def find_repo(conn: sqlite3.Connection, repo: Repo) -> int | None:
    """The repo's number, where there is such a repo."""
    found = conn.execute("SELECT pk FROM repos WHERE project = ? AND name = ? AND type = ?", _values(repo)).fetchone()
    return int(found[0]) if found is not None else None


def repo_number(conn: sqlite3.Connection, repo: Repo) -> int:
    """The repo's number; raises REPO_NOT_FOUND."""
    number = find_repo(conn, repo)
    if number is None:
        raise errors.REPO_NOT_FOUND(repo=repo)
    return number


def select(conn: sqlite3.Connection, tail: str, values: Sequence[object] = ()) -> list[CommitRow]:
    """Commits by a condition on ``c`` (commits), ``r`` (their repos) and ``p`` (their parents)."""
    found = conn.execute(f"{_SELECT} {tail}", values)
    return [_load(conn, row) for row in found.fetchall()]


def relatives(conn: sqlite3.Connection, row: CommitRow) -> Relatives:
    """Parent, children (oldest first) and direct provenance (in its order)."""
    named = "SELECT r.project, r.name, r.type, c.id, c.branch FROM commits c JOIN repos r ON r.pk = c.repo"
    parent = [_named(found) for found in conn.execute(f"{named} WHERE c.pk = ?", (row.parent_pk,))]
    children = conn.execute(f"{named} WHERE c.parent = ? ORDER BY c.pk", (row.pk,))
    provenance = conn.execute(
        f"{named} JOIN commit_provenance e ON e.upstream = c.pk WHERE e.downstream = ? ORDER BY e.position", (row.pk,)
    )
    return Relatives(parent[0] if parent else None, [_named(c) for c in children], [_named(c) for c in provenance])


def base_root(conn: sqlite3.Connection, commit: Commit) -> bytes:
    """The content a commit starts from: that of its nearest ancestor that finished without error."""
    row = get(conn, commit)
    return roots.settled(conn, row.parent_pk)


def insert(
    txn: Txn,
    branch: Branch,
    origin: str,
    *,
    parent: int | None = None,
    provenance: Sequence[int] = (),
    closed: bool = False,
    description: str = "",
) -> int:
    """Make the commit of this transaction in the branch's repo and return its number.

    One that is ``closed`` at birth has its parent's content, as soon as that is settled. Raises COMMIT_EXISTS where the
    repo has a commit of this transaction.
    """
    conn, key = txn.conn, Commit(branch.repo, txn.id)
    repo = repo_number(conn, branch.repo)
    if conn.execute("SELECT 1 FROM commits WHERE repo = ? AND id = ?", (repo, txn.id)).fetchone() is not None:
        raise errors.COMMIT_EXISTS(commit=key)
    root = roots.settled(conn, parent) if closed and roots.is_settled(conn, parent) else None
    size = txn.store.files.total_size(root) if root is not None else 0 if closed or origin == USER else None
    end = txn.now if closed else None
    pk = conn.execute(
        "INSERT INTO commits"
        " (repo, id, branch, origin, description, parent, started, finishing, finished, root, base, size)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (repo, txn.id, branch.name, origin, description, parent, txn.now, end, end, root, root, size),
    ).lastrowid
    assert pk is not None  # noqa: S101 -- an INSERT has a row
    conn.executemany(
        "INSERT INTO commit_provenance (downstream, upstream, position) VALUES (?, ?, ?)",
        [(pk, upstream, position) for position, upstream in enumerate(dict.fromkeys(provenance))],
    )
    txn.created.append(key)
    txn.publish_commit(key)
    return pk


def _values(repo: Repo) -> tuple[str, str, str]:
    return repo.project, repo.name, repo.type


def _named(row: sqlite3.Row) -> tuple[Commit, Branch]:
    repo = Repo(row[0], row[1], row[2])
    return Commit(repo, row[3]), Branch(repo, row[4])


def _load(conn: sqlite3.Connection, row: sqlite3.Row) -> CommitRow:
    repo = Repo(row["project"], row["name"], row["type"])
    edges = conn.execute(
        "SELECT r.project, r.name, r.type, c.id FROM commit_provenance e JOIN commits c ON c.pk = e.upstream"
        " JOIN repos r ON r.pk = c.repo WHERE e.downstream = ? ORDER BY e.position",
        (row["pk"],),
    )
    return CommitRow(
        pk=row["pk"],
        key=Commit(repo, row["id"]),
        branch=Branch(repo, row["branch"]),
        origin=row["origin"],
        description=row["description"],
        parent=None if row["parent"] is None else Commit(repo, row["parent_id"]),
        parent_pk=row["parent"],
        started=row["started"],
        finishing=row["finishing"],
        finished=row["finished"],
        error=row["error"],
        root=row["root"],
        size=row["size"],
        direct_provenance=tuple(Commit(Repo(*edge[:3]), edge[3]) for edge in edges),
    )
