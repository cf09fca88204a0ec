"""Whether what the tables say of repos, branches and commits hangs together.

The contents of files are checked elsewhere. Each check is a text and a query that finds what the text says, so that a
damaged table cannot keep its own damage out of sight: nothing here relies on keys that are there because they must be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.errors import PachError
from harness.pachd.pfs import dag

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

# Tables under the names of what they hold, with a label in the form that messages have.
_NAMED = """
WITH RECURSIVE repo AS (
    SELECT *, project || '/' || name || CASE type WHEN 'user' THEN '' ELSE '.' || type END AS label FROM repos
), branch AS (
    SELECT b.*, coalesce(r.label, '?') || '@' || b.name AS label FROM branches b LEFT JOIN repo r ON r.pk = b.repo
), "commit" AS (
    SELECT c.*, coalesce(r.label, '?') || '@' || c.id AS label FROM commits c LEFT JOIN repo r ON r.pk = c.repo
), closure (downstream, upstream) AS (
    SELECT downstream, upstream FROM branch_provenance UNION
    SELECT e.downstream, c.upstream FROM branch_provenance e JOIN closure c ON c.downstream = e.upstream
), missing (downstream, upstream) AS (
    SELECT downstream, upstream FROM closure EXCEPT SELECT downstream, upstream FROM branch_closure
), surplus (downstream, upstream) AS (
    SELECT downstream, upstream FROM branch_closure EXCEPT SELECT downstream, upstream FROM closure
)
"""

_CHECKS = (
    (
        "repo {} is in a project that does not exist",
        "SELECT label FROM repo WHERE project NOT IN (SELECT name FROM projects)",
    ),
    (
        "repo {} has no user repo beside it",
        "SELECT label FROM repo r WHERE type <> 'user' AND NOT EXISTS"
        " (SELECT 1 FROM repos u WHERE u.project = r.project AND u.name = r.name AND u.type = 'user')",
    ),
    (
        "branch {} is in a repo that does not exist",
        "SELECT label FROM branch WHERE repo NOT IN (SELECT pk FROM repos)",
    ),
    (
        "commit {} is in a repo that does not exist",
        'SELECT label FROM "commit" WHERE repo NOT IN (SELECT pk FROM repos)',
    ),
    (
        "the head of branch {} does not exist",
        "SELECT label FROM branch WHERE head NOT IN (SELECT pk FROM commits)",
    ),
    (
        "the head of branch {} is {}, a commit of another repo",
        'SELECT b.label, c.label FROM branch b JOIN "commit" c ON c.pk = b.head WHERE c.repo <> b.repo',
    ),
    (
        "the parent of commit {} does not exist",
        'SELECT label FROM "commit" WHERE parent NOT IN (SELECT pk FROM commits)',
    ),
    (
        "the parent of commit {} is {}, a commit of another repo",
        'SELECT c.label, p.label FROM "commit" c JOIN "commit" p ON p.pk = c.parent WHERE c.repo <> p.repo',
    ),
    (
        "commit {} is no younger than its parent {}",
        'SELECT c.label, p.label FROM "commit" c JOIN "commit" p ON p.pk = c.parent WHERE p.pk >= c.pk',
    ),
    (
        "commit {} was made from a commit that does not exist",
        'SELECT DISTINCT c.label FROM commit_provenance e JOIN "commit" c ON c.pk = e.downstream'
        " WHERE e.upstream NOT IN (SELECT pk FROM commits)",
    ),
    (
        "a commit that does not exist was made from {}",
        'SELECT DISTINCT c.label FROM commit_provenance e JOIN "commit" c ON c.pk = e.upstream'
        " WHERE e.downstream NOT IN (SELECT pk FROM commits)",
    ),
    (
        "commit {} is no younger than {}, from which it was made",
        'SELECT c.label, u.label FROM commit_provenance e JOIN "commit" c ON c.pk = e.downstream'
        ' JOIN "commit" u ON u.pk = e.upstream WHERE u.pk >= c.pk',
    ),
    (
        "commit {} is finished without having been finishing, or earlier",
        'SELECT label FROM "commit" WHERE finished IS NOT NULL AND coalesce(finishing > finished, TRUE)'
        " OR finishing < started",
    ),
    (
        "commit {} is finished, but its content is not settled",
        'SELECT label FROM "commit" c WHERE finished IS NOT NULL'
        " AND (root IS NULL OR error = '' AND (base IS NOT root OR size IS NULL))"
        " AND NOT EXISTS (SELECT 1 FROM commits p WHERE p.pk = c.parent AND p.base IS NULL)",
    ),
    (
        "commit {} is still finishing, though what it builds on is settled",
        'SELECT label FROM "commit" c WHERE finishing IS NOT NULL AND finished IS NULL'
        " AND NOT EXISTS (SELECT 1 FROM commits p WHERE p.pk = c.parent AND p.base IS NULL)",
    ),
    (
        "branch {} depends on a branch that does not exist",
        "SELECT DISTINCT b.label FROM branch_provenance e JOIN branch b ON b.pk = e.downstream"
        " WHERE e.upstream NOT IN (SELECT pk FROM branches)",
    ),
    (
        "branch {} is in its own provenance",
        "SELECT b.label FROM closure c JOIN branch b ON b.pk = c.downstream WHERE c.downstream = c.upstream",
    ),
    (
        "branch {} lacks {} in its provenance, and is not in its subvenance",
        "SELECT b.label, u.label FROM missing m"
        " JOIN branch b ON b.pk = m.downstream JOIN branch u ON u.pk = m.upstream",
    ),
    (
        "branch {} has {} in its provenance, on which it does not depend",
        "SELECT b.label, coalesce(u.label, 'a branch that does not exist') FROM surplus s"
        " JOIN branch b ON b.pk = s.downstream LEFT JOIN branch u ON u.pk = s.upstream",
    ),
    (
        "the head of branch {} was not made from {}, the head of a branch on which it depends",
        "SELECT b.label, h.label FROM branch_provenance e JOIN branch b ON b.pk = e.downstream"
        ' JOIN branch u ON u.pk = e.upstream JOIN "commit" h ON h.pk = u.head JOIN repos r ON r.pk = u.repo'
        " WHERE NOT EXISTS (SELECT 1 FROM commit_provenance p WHERE p.downstream = b.head AND p.upstream = u.head)"
        # A branch that depends on one spec branch only gets no commits from it.
        " AND NOT (r.type = 'spec' AND (SELECT count(*) FROM closure c WHERE c.downstream = b.pk) = 1)",
    ),
)
_CHECKED = {"repos", "branches", "commits", "commit_provenance", "branch_provenance", "branch_closure"}


def problems(conn: sqlite3.Connection) -> Iterator[str]:
    """What is wrong, in words; nothing where all is well.

    A head that was not made from the heads above it can come from a client, too: by moving the head of a branch with
    provenance, or by dropping the commits that came with a change of its provenance (as in Pachyderm).
    """
    for text, query in _CHECKS:
        for row in rows(conn, query):
            yield text.format(*row)
    for table, _, parent, _ in conn.execute("PRAGMA foreign_key_check"):
        if table not in _CHECKED:
            yield f"table {table} names something that is not in table {parent}"
    yield from sorted(_tangles(conn))


def rows(conn: sqlite3.Connection, query: str) -> list[sqlite3.Row]:
    """What a query on the named tables finds."""
    return conn.execute(_NAMED + query).fetchall()


def _tangles(conn: sqlite3.Connection) -> set[str]:
    """The rule that no branch is connected with two branches of one repo, for every branch that depends on others."""
    found = conn.execute(
        "SELECT DISTINCT b.pk FROM branch_provenance e JOIN branches b ON b.pk = e.downstream"
        " JOIN repos r ON r.pk = b.repo"
    )
    return {text for (pk,) in found.fetchall() if (text := _tangle(conn, pk))}


def _tangle(conn: sqlite3.Connection, pk: int) -> str:
    try:
        dag.validate(conn, pk)
    except PachError as error:
        return error.message
    return ""
