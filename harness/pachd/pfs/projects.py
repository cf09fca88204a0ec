"""Projects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.pachd.errors import PachError
from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import names
from harness.pachd.pfs.keys import DEFAULT_PROJECT, Repo

if TYPE_CHECKING:
    import sqlite3

    from harness.pachd.pfs.txn import Txn


@dataclass(frozen=True)
class ProjectRow:
    """A project; ``created`` in nanoseconds since the epoch."""

    name: str
    description: str
    created: int


def install_default(conn: sqlite3.Connection, now: int) -> None:
    """Make the project ``default`` where a new database has none. A database whose users deleted it is left so."""
    if conn.execute("SELECT seq FROM sqlite_sequence WHERE name = 'projects'").fetchone() is None:
        conn.execute("INSERT INTO projects (name, description, created) VALUES (?, '', ?)", (DEFAULT_PROJECT, now))


def create(txn: Txn, name: str, description: str = "", *, update: bool = False) -> None:
    """CreateProject; ``update`` replaces the description of an existing one."""
    names.check_project(name)
    if exists(txn.conn, name):
        if not update:
            raise errors.PROJECT_EXISTS(project=name)
        txn.conn.execute("UPDATE projects SET description = ? WHERE name = ?", (description, name))
        return
    txn.conn.execute("INSERT INTO projects (name, description, created) VALUES (?, ?, ?)", (name, description, txn.now))


def exists(conn: sqlite3.Connection, name: str) -> bool:
    """Whether there is a project of that name."""
    return conn.execute("SELECT 1 FROM projects WHERE name = ?", (name,)).fetchone() is not None


def get(conn: sqlite3.Connection, name: str) -> ProjectRow:
    """The project; raises PROJECT_NOT_FOUND in the words of InspectProject."""
    row = conn.execute("SELECT name, description, created FROM projects WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise errors.PROJECT_NOT_FOUND(project=name).within(f'error getting project "{name}"')
    return ProjectRow(*row)


def check_context(conn: sqlite3.Connection, name: str) -> None:
    """Raise PROJECT_NOT_FOUND, in the words of InspectCluster, where a client's current project is missing."""
    try:
        get(conn, name)
    except PachError as error:
        raise error.within(f'could not inspect project "{name}"') from None


def listing(conn: sqlite3.Connection) -> list[ProjectRow]:
    """All projects, oldest first."""
    return [ProjectRow(*row) for row in conn.execute("SELECT name, description, created FROM projects ORDER BY pk")]


def delete(txn: Txn, name: str) -> None:
    """DeleteProject: only an empty one goes, whatever its name."""
    if not exists(txn.conn, name):
        raise errors.PROJECT_NOT_FOUND(project=name).within(f'delete project "{name}"')
    left = txn.conn.execute("SELECT project, name, type FROM repos WHERE project = ? ORDER BY name, type", (name,))
    reasons = [f"cannot delete project {name}: repo {Repo(*row)} still exists" for row in left]
    if reasons:
        raise errors.PROJECT_NOT_EMPTY(reasons="\n".join(reasons))
    txn.conn.execute("DELETE FROM projects WHERE name = ?", (name,))


def reset(txn: Txn) -> None:
    """Delete every project and make ``default`` anew; no repo may be left."""
    txn.conn.execute("DELETE FROM projects")
    create(txn, DEFAULT_PROJECT)
