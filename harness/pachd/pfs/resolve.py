"""From what a client writes to the commit it means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import branch_records, records
from harness.pachd.pfs.keys import Branch, Commit, Repo, is_commit_id

if TYPE_CHECKING:
    import sqlite3

    from harness.pachd.pfs.records import CommitRow

_DIGITS = 18
_ANCESTRY = re.compile(r"[\^~.]")


@dataclass(frozen=True)
class Reference:
    """A commit as a client names it: by branch, by id, or by either with a suffix such as ``^2`` or ``.1``."""

    repo: Repo
    branch: str
    id: str

    def __str__(self) -> str:
        return f"{self.repo}@{self.id}"

    @property
    def branch_name(self) -> str:
        """The branch that it names in either place, empty where it names none."""
        base, _ = split(self.id)
        return base if base and not is_commit_id(base) else self.branch


def resolve(conn: sqlite3.Connection, repo: Repo, branch_name: str, id_: str) -> CommitRow:
    """The commit that ``repo@branch`` or ``repo@id`` means (Pachyderm's ResolveCommit).

    An id that is not of this repo means the commit of this repo in that run's provenance. Raises BRANCH_NOT_FOUND,
    COMMIT_NOT_FOUND, BAD_ANCESTRY, COMMIT_WITHOUT_NAME, TWO_BRANCHES.
    """
    if not id_ and not branch_name:
        raise errors.COMMIT_WITHOUT_NAME()
    base, back = split(id_)
    if base and not is_commit_id(base):
        if branch_name:
            raise errors.TWO_BRANCHES(branch=Branch(repo, branch_name), id=base)
        branch_name, base = base, ""
    if base:
        row = records.find(conn, Commit(repo, base)) or _used_by_run(conn, repo, base)
        if row is None:
            raise errors.COMMIT_NOT_FOUND(commit=Commit(repo, base))
    else:
        row = records.at(conn, branch_records.head_of(conn, Branch(repo, branch_name)))
    found = _ancestor(conn, row, back)
    if found is None:
        raise errors.COMMIT_NOT_FOUND(commit=Commit(repo, id_))
    return found


def split(id_: str) -> tuple[str, int]:
    """A reference without its ancestry suffix, and how many commits the suffix goes back.

    ``^``, ``^^`` and ``^3`` (or with ``~``) count backwards; ``.3`` counts from the root, given as -3.
    """
    match = _ANCESTRY.search(id_)
    if match is None:
        return id_, 0
    base, mark, rest = id_[: match.start()], match.group(), id_[match.end() :]
    if rest.isascii() and rest.isdigit():
        count = int(rest) if len(rest) < _DIGITS else 10**_DIGITS  # more than there can be
    else:
        other = next((char for char in rest if char != mark), None)
        if other is not None:
            raise errors.BAD_ANCESTRY(id=id_, first=mark, second=other)
        count = len(rest) + 1
    return base, -count if mark == "." else count


def _ancestor(conn: sqlite3.Connection, row: CommitRow, back: int) -> CommitRow | None:
    if back == 0:
        return row
    line = conn.execute(
        "WITH RECURSIVE line (pk, back) AS (SELECT :pk, 0 UNION ALL SELECT c.parent, line.back + 1 FROM line"
        " JOIN commits c ON c.pk = line.pk WHERE c.parent IS NOT NULL AND (:back < 0 OR line.back < :back))"
        " SELECT pk FROM line ORDER BY back",
        {"pk": row.pk, "back": back},
    ).fetchall()
    position = len(line) + back if back < 0 else back
    return records.at(conn, line[position][0]) if 0 <= position < len(line) else None


def _used_by_run(conn: sqlite3.Connection, repo: Repo, id_: str) -> CommitRow | None:
    """The commit of ``repo`` that the run ``id_`` used; where it used several, the nearest in its provenance."""
    found = conn.execute(
        "WITH RECURSIVE run (pk) AS (SELECT pk FROM commits WHERE id = ? UNION"
        " SELECT e.upstream FROM run JOIN commit_provenance e ON e.downstream = run.pk)"
        # SQLite takes rows from a recursion first in, first out: breadth first.
        " SELECT c.pk FROM run CROSS JOIN commits c ON c.pk = run.pk CROSS JOIN repos r ON r.pk = c.repo"
        " WHERE r.project = ? AND r.name = ? AND r.type = ? LIMIT 1",
        (id_, repo.project, repo.name, repo.type),
    ).fetchone()
    return records.at(conn, found[0]) if found is not None else None
