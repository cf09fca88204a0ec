"""The contents of commits, as roots of trees: what commits start from, and whether that is known yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.store.trees import EMPTY

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator


def settled(conn: sqlite3.Connection, pk: int | None) -> bytes:
    """The content of commit ``pk`` where it finished without error, else of its nearest ancestor that did."""
    found = conn.execute(
        "WITH RECURSIVE line (parent, base) AS (SELECT parent, base FROM commits WHERE pk = ? UNION ALL"
        " SELECT c.parent, c.base FROM line JOIN commits c ON c.pk = line.parent WHERE line.base IS NULL)"
        " SELECT base FROM line WHERE base IS NOT NULL",
        (pk,),
    ).fetchone()
    return bytes(found[0]) if found is not None else EMPTY


def every(conn: sqlite3.Connection) -> Iterator[bytes]:
    """The root of every content that a commit has or gives to its children."""
    query = "SELECT root FROM commits WHERE root IS NOT NULL UNION SELECT base FROM commits WHERE base IS NOT NULL"
    return (root for (root,) in conn.execute(query))


def is_settled(conn: sqlite3.Connection, pk: int | None) -> bool:
    """Whether it is known what children of commit ``pk`` start from: neither it nor what it builds on is open."""
    return conn.execute("SELECT 1 FROM commits WHERE pk = ? AND base IS NULL", (pk,)).fetchone() is None
