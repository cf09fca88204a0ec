"""Stored transactions: lists of requests that wait to be run together, under the id that their commits will carry.

Requests and responses are opaque here; what they mean is known to the floor that runs them. Functions that change
something need the connection of a write transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.pachd.errors import pfs as errors

if TYPE_CHECKING:
    import sqlite3


@dataclass(frozen=True)
class Stored:
    """An open transaction. ``started`` in nanoseconds since the epoch; ``requests`` and ``responses`` go in pairs."""

    id: str
    started: int
    requests: tuple[bytes, ...]
    responses: tuple[bytes, ...]

    @property
    def version(self) -> int:
        """How often it was changed."""
        return len(self.requests)


def start(conn: sqlite3.Connection, id_: str, now: int) -> None:
    """Open an empty transaction."""
    conn.execute("INSERT INTO transactions (id, started) VALUES (?, ?)", (id_, now))


def get(conn: sqlite3.Connection, id_: str) -> Stored:
    """The open transaction of that id; raises TRANSACTION_NOT_FOUND."""
    row = conn.execute("SELECT pk, id, started FROM transactions WHERE id = ?", (id_,)).fetchone()
    if row is None:
        raise errors.TRANSACTION_NOT_FOUND(id=id_)
    return _load(conn, row)


def listing(conn: sqlite3.Connection) -> list[Stored]:
    """All open transactions, newest first."""
    rows = conn.execute("SELECT pk, id, started FROM transactions ORDER BY pk DESC").fetchall()
    return [_load(conn, row) for row in rows]


def append(conn: sqlite3.Connection, id_: str, request: bytes, response: bytes) -> None:
    """Add a request and what it answered to the end of the open transaction ``id_``."""
    conn.execute(
        "INSERT INTO transaction_requests (owner, request, response) SELECT pk, ?, ? FROM transactions WHERE id = ?",
        (request, response, id_),
    )


def delete(conn: sqlite3.Connection, id_: str) -> None:
    """Forget an open transaction. Raises TRANSACTION_NOT_FOUND."""
    if not conn.execute("DELETE FROM transactions WHERE id = ?", (id_,)).rowcount:
        raise errors.TRANSACTION_NOT_FOUND(id=id_)


def delete_all(conn: sqlite3.Connection) -> None:
    """Forget every open transaction."""
    conn.execute("DELETE FROM transactions")


def _load(conn: sqlite3.Connection, row: sqlite3.Row) -> Stored:
    pairs = conn.execute(
        "SELECT request, response FROM transaction_requests WHERE owner = ? ORDER BY pk", (row["pk"],)
    ).fetchall()
    requests, responses = tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)
    return Stored(row["id"], row["started"], requests, responses)
