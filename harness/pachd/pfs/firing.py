"""Firing triggers: moving branches to what came to the branches they follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.pfs import branch_records, branches, records, schedules, triggers
from harness.pachd.pfs.keys import Branch

if TYPE_CHECKING:
    import sqlite3

    from harness.pachd.pfs.records import CommitRow
    from harness.pachd.pfs.triggers import Trigger
    from harness.pachd.pfs.txn import Txn


def note(txn: Txn) -> None:
    """At the end of a transaction: note the commits that it finished without error, where a trigger follows them.

    What is noted is fired once this transaction is kept, in one of its own and so with another id.
    """
    noted = txn.conn.executemany(
        "INSERT INTO finished_for_triggers SELECT c.pk FROM commits c WHERE c.pk = ? AND EXISTS"
        " (SELECT 1 FROM branches b JOIN branch_triggers t ON t.branch = b.pk"
        " WHERE b.repo = c.repo AND t.source = c.branch AND t.cron_spec = '')",
        [(pk,) for pk in txn.finished],
    )
    txn.fires = noted.rowcount > 0


def noted(conn: sqlite3.Connection) -> list[int]:
    """The numbers of the commits that are noted, oldest first."""
    return [pk for (pk,) in conn.execute('SELECT "commit" FROM finished_for_triggers ORDER BY "commit"')]


def fire(txn: Txn, pk: int) -> None:
    """Move every branch whose trigger the noted commit ``pk`` fires, and those that follow these in turn."""
    taken = txn.conn.execute('DELETE FROM finished_for_triggers WHERE "commit" = ?', (pk,))
    if not taken.rowcount:  # another thread was faster, or the commit is gone
        return
    commit = records.at(txn.conn, pk)
    moved = [commit.branch.name]  # each follower appears behind what it follows; chains do not loop
    for source in moved:
        for branch, trigger in _followers(txn.conn, Branch(commit.branch.repo, source)):
            head = branch_records.get(txn.conn, branch).head_pk
            if branch.name not in moved and _fires(txn.conn, trigger, head, commit):
                _move(txn, branch, pk)
                moved.append(branch.name)


def tick(txn: Txn, branch: Branch, source: str) -> None:
    """Move ``branch`` to the head of ``source``, changed or not; a source that does not exist (yet) moves nothing."""
    followed = branch_records.find(txn.conn, Branch(branch.repo, source))
    if followed is not None:
        _move(txn, branch, followed.head_pk)


def _move(txn: Txn, branch: Branch, head: int) -> None:
    branches.point(txn, branch, head)
    txn.dirty.add(branch)


def _followers(conn: sqlite3.Connection, source: Branch) -> list[tuple[Branch, Trigger]]:
    repo = source.repo
    found = conn.execute(
        "SELECT b.pk, b.name FROM branch_triggers t JOIN branches b ON b.pk = t.branch JOIN repos r ON r.pk = b.repo"
        " WHERE r.project = ? AND r.name = ? AND r.type = ? AND t.source = ? AND t.cron_spec = '' ORDER BY b.name",
        (repo.project, repo.name, repo.type, source.name),
    ).fetchall()
    with_triggers = [(Branch(repo, name), triggers.of(conn, pk)) for pk, name in found]
    return [(branch, trigger) for branch, trigger in with_triggers if trigger is not None]


def _fires(conn: sqlite3.Connection, trigger: Trigger, head: int, new: CommitRow) -> bool:
    """Whether a branch with that head moves on to ``new``; a trigger for all of no conditions always does."""
    old = records.at(conn, head)
    conditions = []
    if trigger.size:
        conditions.append((new.size or 0) - (old.size or 0) >= triggers.size(trigger.size))
    if trigger.rate_limit_spec:
        due = schedules.parse(trigger.rate_limit_spec).next_after(old.finishing or 0)
        conditions.append(due is not None and due < (new.finishing or 0))
    if trigger.commits:
        conditions.append(_commits_since(conn, old.pk, new.pk, trigger.commits) == trigger.commits)
    return all(conditions) if trigger.all else any(conditions)


def _commits_since(conn: sqlite3.Connection, old: int, new: int, most: int) -> int:
    """How many commits lead from ``old`` (exclusive, else from the first) to ``new``, counted to ``most``."""
    line = conn.execute(
        "WITH RECURSIVE line (pk, count) AS (SELECT :new, 1 WHERE :new <> :old UNION ALL"
        " SELECT c.parent, line.count + 1 FROM line JOIN commits c ON c.pk = line.pk"
        " WHERE c.parent <> :old AND line.count < :most) SELECT max(count) FROM line",
        {"old": old, "new": new, "most": most},
    )
    return line.fetchone()[0] or 0
