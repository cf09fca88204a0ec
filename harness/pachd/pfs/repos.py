"""Repos."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.pachd.errors import PachError
from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import branch_records, branches, names, projects, records
from harness.pachd.pfs.keys import META, SPEC, USER, Branch, Commit, Repo
from harness.pachd.store.collecting import GARBAGE

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection

    from harness.pachd.pfs.txn import Txn

_SELECT = "SELECT pk, project, name, type, description, created FROM repos"


@dataclass(frozen=True)
class RepoRow:
    """A repo; ``created`` in nanoseconds since the epoch."""

    pk: int
    key: Repo
    description: str
    created: int


def create(txn: Txn, repo: Repo, description: str = "", *, update: bool = False) -> None:
    """CreateRepo; ``update`` replaces the description of an existing one."""
    names.check_repo(repo.name)
    if not projects.exists(txn.conn, repo.project):
        raise errors.PROJECT_NOT_FOUND(project=repo.project).within(f'cannot find project "{repo.project}"')
    user = repo.sibling(USER)
    if repo != user and not exists(txn.conn, user):
        outer = "cannot create a system repo without a corresponding 'user' repo"
        raise errors.REPO_NOT_FOUND(repo=user).within(outer)
    if exists(txn.conn, repo):
        if not update:
            raise errors.REPO_EXISTS(repo=repo)
        number = records.repo_number(txn.conn, repo)
        txn.conn.execute("UPDATE repos SET description = ? WHERE pk = ?", (description, number))
        return
    txn.conn.execute(
        "INSERT INTO repos (project, name, type, description, created) VALUES (?, ?, ?, ?, ?)",
        (repo.project, repo.name, repo.type, description, txn.now),
    )


def exists(conn: sqlite3.Connection, repo: Repo) -> bool:
    """Whether there is such a repo."""
    return _find(conn, repo) is not None


def get(conn: sqlite3.Connection, repo: Repo) -> RepoRow:
    """The repo; raises REPO_NOT_FOUND."""
    row = _find(conn, repo)
    if row is None:
        raise errors.REPO_NOT_FOUND(repo=repo)
    return row


def listing(conn: sqlite3.Connection, type_: str = "", of_projects: Collection[str] = ()) -> list[RepoRow]:
    """Repos of ``type_`` (empty: any) in ``of_projects`` (empty: all), newest first."""
    rows = (_load(row) for row in conn.execute(f"{_SELECT} ORDER BY created DESC, project, name, type"))
    return [
        row
        for row in rows
        if (not type_ or row.key.type == type_) and (not of_projects or row.key.project in of_projects)
    ]


def size(conn: sqlite3.Connection, repo: Repo) -> int:
    """Bytes in the last commit of branch ``master`` that finished without error."""
    branch = branch_records.find(conn, Branch(repo, "master"))
    found = conn.execute(
        "WITH RECURSIVE line (parent, size, good) AS (SELECT parent, size, finished IS NOT NULL AND error = ''"
        " FROM commits WHERE pk = ? UNION ALL SELECT c.parent, c.size, c.finished IS NOT NULL AND c.error = ''"
        " FROM line JOIN commits c ON c.pk = line.parent WHERE NOT line.good) SELECT size FROM line WHERE good",
        (branch.head_pk if branch is not None else None,),
    ).fetchone()
    return int(found[0]) if found is not None else 0


def delete(txn: Txn, repo: Repo, *, force: bool = False) -> None:
    """DeleteRepo: a user repo goes with its meta and spec repos; what does not exist is success.

    ``force`` lets branches downstream lose their provenance; a pipeline's repo stays even so (REPO_OF_PIPELINE).
    """
    _check_free(txn, repo, f'error checking whether repo "{repo}" can be deleted')
    types = (USER, META, SPEC) if repo.type == USER else (repo.type,)
    doomed = [sibling for sibling in map(repo.sibling, types) if exists(txn.conn, sibling)]
    rows = [row for sibling in doomed for row in branch_records.listing(txn.conn, sibling)]
    for row in sorted(rows, key=lambda row: len(row.provenance), reverse=True):
        _delete_branch(txn, row.key, force=force)
    for sibling in doomed:
        _drop(txn, sibling)


def delete_all(txn: Txn, of_projects: Collection[str] = (), *, force: bool = False) -> list[Repo]:
    """Delete every repo of ``of_projects`` (empty: all), newest first, and return them."""
    doomed = [row.key for row in listing(txn.conn, of_projects=of_projects)]
    for repo in doomed:
        delete(txn, repo, force=force)
    return doomed


def reset(txn: Txn) -> None:
    """DeleteAll: delete every repo whatever depends on it, then every project, and make ``default`` anew."""
    for row in listing(txn.conn):
        _check_free(txn, row.key, "could not delete all repos")
    delete_all(txn, force=True)
    projects.reset(txn)


def _check_free(txn: Txn, repo: Repo, outer: str) -> None:
    """Raise REPO_OF_PIPELINE, after ``outer``, where a pipeline owns the repo."""
    if any(guard(txn.conn, repo) for guard in txn.store.repo_guards):
        raise errors.REPO_OF_PIPELINE().within(outer)


def _delete_branch(txn: Txn, branch: Branch, *, force: bool) -> None:
    try:
        branches.delete(txn, branch, force=force)
    except PachError as error:
        raise error.within(f"delete branch {branch}") from None


def _drop(txn: Txn, repo: Repo) -> None:
    conn, pk = txn.conn, get(txn.conn, repo).pk
    for (id_,) in conn.execute("SELECT id FROM commits WHERE repo = ? AND finished IS NULL", (pk,)):
        txn.publish_commit(Commit(repo, id_))
    txn.created = [commit for commit in txn.created if commit.repo != repo]
    conn.execute("DELETE FROM commits WHERE repo = ?", (pk,))
    conn.execute("DELETE FROM repos WHERE pk = ?", (pk,))
    txn.publish(("repo", repo))
    txn.publish(GARBAGE)


def _find(conn: sqlite3.Connection, repo: Repo) -> RepoRow | None:
    values = (repo.project, repo.name, repo.type)
    row = conn.execute(f"{_SELECT} WHERE project = ? AND name = ? AND type = ?", values).fetchone()
    return _load(row) if row is not None else None


def _load(row: sqlite3.Row) -> RepoRow:
    return RepoRow(row["pk"], Repo(row["project"], row["name"], row["type"]), row["description"], row["created"])
