"""The graph of branches: edges as given by CreateBranch, their transitive closure, and what may not be in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.errors import pfs as errors
from harness.pachd.pfs.keys import Branch, Repo

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection

_NAMED = "SELECT b.pk, r.project, r.name, r.type, b.name FROM branches b JOIN repos r ON r.pk = b.repo"
_BY_KEY = "ORDER BY r.project, r.name, r.type, b.name"


def direct(conn: sqlite3.Connection, pk: int) -> dict[int, Branch]:
    """The direct provenance of branch ``pk``, by key: number -> branch."""
    join = "JOIN branch_provenance e ON e.upstream = b.pk WHERE e.downstream = ?"
    return _named(conn, f"{_NAMED} {join} {_BY_KEY}", pk)


def provenance(conn: sqlite3.Connection, pk: int) -> dict[int, Branch]:
    """The full provenance of branch ``pk``, by key."""
    return _named(conn, f"{_NAMED} JOIN branch_closure e ON e.upstream = b.pk WHERE e.downstream = ? {_BY_KEY}", pk)


def subvenance(conn: sqlite3.Connection, pk: int) -> dict[int, Branch]:
    """Every branch with branch ``pk`` in its full provenance, by key."""
    return _named(conn, f"{_NAMED} JOIN branch_closure e ON e.downstream = b.pk WHERE e.upstream = ? {_BY_KEY}", pk)


def dependents(conn: sqlite3.Connection, pk: int) -> dict[int, Branch]:
    """The branches with branch ``pk`` in their direct provenance, by key."""
    join = "JOIN branch_provenance e ON e.downstream = b.pk WHERE e.upstream = ?"
    return _named(conn, f"{_NAMED} {join} {_BY_KEY}", pk)


def rewire(conn: sqlite3.Connection, pk: int, branch: Branch, upstream: dict[int, Branch]) -> None:
    """Make ``upstream`` the direct provenance of branch ``pk``. Raises PROVENANCE_CYCLE."""
    below = subvenance(conn, pk)
    for number, name in upstream.items():
        if number in below:
            raise errors.PROVENANCE_CYCLE(upstream=name, branch=branch)
    conn.execute("DELETE FROM branch_provenance WHERE downstream = ?", (pk,))
    conn.executemany(
        "INSERT INTO branch_provenance (downstream, upstream) VALUES (?, ?)", [(pk, number) for number in upstream]
    )
    for number in (pk, *upstream_first(conn, below)):
        _close(conn, number)


def upstream_first(conn: sqlite3.Connection, branches: Collection[int]) -> list[int]:
    """Branches by the size of their full provenance, so that each comes after all it depends on."""
    count = "SELECT count(*) FROM branch_closure WHERE downstream = ?"
    return sorted(branches, key=lambda pk: (conn.execute(count, (pk,)).fetchone()[0], pk))


def validate(conn: sqlite3.Connection, start: int) -> None:
    """Raise NOT_A_DAG where branch ``start`` is connected with two branches of one repo."""
    seen: dict[int, Branch] = {start: _named(conn, f"{_NAMED} WHERE b.pk = ?", start)[start]}
    of_repo: dict[Repo, Branch] = {}
    queue = [start]
    while queue:
        pk = queue.pop()
        branch = seen[pk]
        if of_repo.setdefault(branch.repo, branch) != branch:
            raise errors.NOT_A_DAG(repo=branch.repo)
        for number, neighbour in {**direct(conn, pk), **dependents(conn, pk)}.items():
            if number not in seen:
                seen[number] = neighbour
                queue.append(number)


def _close(conn: sqlite3.Connection, pk: int) -> None:
    """Compute the closure of a branch from those of its direct provenance."""
    conn.execute("DELETE FROM branch_closure WHERE downstream = ?", (pk,))
    conn.execute(
        "INSERT INTO branch_closure (downstream, upstream)"
        " SELECT downstream, upstream FROM branch_provenance WHERE downstream = :pk"
        " UNION SELECT :pk, c.upstream FROM branch_provenance e JOIN branch_closure c ON c.downstream = e.upstream"
        " WHERE e.downstream = :pk",
        {"pk": pk},
    )


def _named(conn: sqlite3.Connection, query: str, pk: int) -> dict[int, Branch]:
    return {row[0]: Branch(Repo(row[1], row[2], row[3]), row[4]) for row in conn.execute(query, (pk,))}
