"""Mending what follows from the rest of the tables: Fsck with ``fix``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.pfs import fsck
from harness.pachd.pfs.keys import Branch, Repo

if TYPE_CHECKING:
    import sqlite3

    from harness.pachd.pfs.txn import Txn


def mend(txn: Txn) -> list[str]:
    """Compute the closure of provenance anew and replace heads that do not exist; says what was mended."""
    return [*_closure(txn.conn), *_heads(txn)]


def _closure(conn: sqlite3.Connection) -> list[str]:
    wrong = "(SELECT downstream FROM missing UNION SELECT downstream FROM surplus)"
    labels = fsck.rows(conn, f"SELECT label FROM branch WHERE pk IN {wrong} ORDER BY label")  # noqa: S608 -- our own
    missing = fsck.rows(conn, "SELECT downstream, upstream FROM missing")
    surplus = fsck.rows(conn, "SELECT downstream, upstream FROM surplus")
    conn.executemany("INSERT INTO branch_closure (downstream, upstream) VALUES (?, ?)", missing)
    conn.executemany("DELETE FROM branch_closure WHERE downstream = ? AND upstream = ?", surplus)
    return [f"the provenance of branch {label} was computed anew" for (label,) in labels]


def _heads(txn: Txn) -> list[str]:
    """The newest commit that was made on the branch takes the place of a head that does not exist."""
    found = fsck.rows(
        txn.conn,
        "SELECT b.label, b.pk, c.label, max(c.pk), r.project, r.name, r.type, b.name FROM branch b"
        ' JOIN "commit" c ON c.repo = b.repo AND c.branch = b.name JOIN repos r ON r.pk = b.repo'
        " WHERE b.head NOT IN (SELECT pk FROM commits) GROUP BY b.pk ORDER BY b.label",
    )
    for _, pk, _, head, project, repo, type_, name in found:
        txn.conn.execute("UPDATE branches SET head = ? WHERE pk = ?", (head, pk))
        txn.dirty.add(Branch(Repo(project, repo, type_), name))
    return [f"the head of branch {branch} did not exist and is {head} now" for branch, _, head, *_ in found]
