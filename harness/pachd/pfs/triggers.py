"""Triggers: branches that follow another branch of their repo, and what CreateBranch may say of them."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import names, schedules

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from harness.pachd.errors import Kind
    from harness.pachd.pfs.keys import Branch
    from harness.pachd.pfs.txn import Txn

# Published when a branch gets a trigger that ticks.
TOPIC = ("triggers",)

_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?", re.IGNORECASE | re.ASCII)
_MOST_BYTES = 2**63
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}


@dataclass(frozen=True)
class Trigger:
    """``branch`` of the same repo is what is followed: when any of the given conditions holds, or ``all`` of them.

    ``rate_limit_spec`` and ``cron_spec`` are schedules, ``size`` is bytes in words such as ``1K``; empty or 0: none.
    """

    branch: str
    all: bool = False
    rate_limit_spec: str = ""
    size: str = ""
    commits: int = 0
    cron_spec: str = ""


def read(message: Any) -> Trigger:
    """The trigger that a ``pfs_v2.Trigger`` describes."""
    return Trigger(
        message.branch, message.all, message.rate_limit_spec, message.size, message.commits, message.cron_spec
    )


def check(conn: sqlite3.Connection, branch: Branch, trigger: Trigger) -> None:
    """Raise unless ``branch`` may have ``trigger``. The branch that it follows need not exist."""
    if not trigger.branch:
        raise errors.TRIGGER_WITHOUT_BRANCH()
    names.check_characters(trigger.branch)
    with _refused_as(errors.TRIGGER_CRON_SPEC):
        schedules.parse(trigger.cron_spec or "@never")
    with _refused_as(errors.TRIGGER_RATE_LIMIT_SPEC):
        schedules.parse(trigger.rate_limit_spec or "@never")
    with _refused_as(errors.TRIGGER_SIZE):
        size(trigger.size or "0")
    if trigger.commits < 0:
        raise errors.TRIGGER_COMMITS()
    if branch.name in _chain(conn, branch, trigger.branch):
        raise errors.TRIGGER_LOOP()


def of(conn: sqlite3.Connection, branch: int) -> Trigger | None:
    """The trigger of branch number ``branch``."""
    row = conn.execute(
        'SELECT source, "all", rate_limit_spec, size, commits, cron_spec FROM branch_triggers WHERE branch = ?',
        (branch,),
    ).fetchone()
    return Trigger(row[0], bool(row[1]), *row[2:]) if row is not None else None


def has(conn: sqlite3.Connection, branch: Branch) -> bool:
    """Whether ``branch`` exists and has a trigger."""
    repo = branch.repo
    found = conn.execute(
        "SELECT 1 FROM branch_triggers t JOIN branches b ON b.pk = t.branch JOIN repos r ON r.pk = b.repo"
        " WHERE r.project = ? AND r.name = ? AND r.type = ? AND b.name = ?",
        (repo.project, repo.name, repo.type, branch.name),
    )
    return found.fetchone() is not None


def put(txn: Txn, branch: int, trigger: Trigger) -> None:
    """Give branch number ``branch`` a trigger, in place of one that it has.

    Where it ticks, it does so for the first time after its head was started, as if it had just ticked then.
    """
    txn.conn.execute(
        "INSERT OR REPLACE INTO branch_triggers"
        ' (branch, source, "all", rate_limit_spec, size, commits, cron_spec, ticked)'
        " SELECT b.pk, ?, ?, ?, ?, ?, ?, c.started FROM branches b JOIN commits c ON c.pk = b.head WHERE b.pk = ?",
        (
            trigger.branch,
            trigger.all,
            trigger.rate_limit_spec,
            trigger.size,
            trigger.commits,
            trigger.cron_spec,
            branch,
        ),
    )
    if trigger.cron_spec:
        txn.publish(TOPIC)


def size(text: str) -> int:
    """Bytes of a decimal size in words: ``100``, ``1B``, ``1.5 kB``; a K is a thousand. Raises ValueError."""
    match = _SIZE.fullmatch(text)
    if match is None:
        raise ValueError(f"invalid size: '{text}'")
    number, unit = match.groups()
    found = float(number) * 1000 ** _POWERS[unit.lower()]
    if found >= _MOST_BYTES:
        raise ValueError(f"size is too large: '{text}'")
    return int(found)


@contextmanager
def _refused_as(kind: Kind) -> Iterator[None]:
    """Raise ``kind`` with the reason where the block cannot read what it was given."""
    try:
        yield
    except ValueError as error:
        raise kind(reason=error) from None


def _chain(conn: sqlite3.Connection, branch: Branch, source: str) -> list[str]:
    """``source`` and the branches that it follows itself, one after the other."""
    repo = branch.repo
    found = conn.execute(
        "WITH RECURSIVE chain (name) AS (SELECT ? UNION SELECT t.source FROM chain"
        " JOIN repos r ON r.project = ? AND r.name = ? AND r.type = ?"
        " JOIN branches b ON b.repo = r.pk AND b.name = chain.name JOIN branch_triggers t ON t.branch = b.pk)"
        " SELECT name FROM chain",
        (source, repo.project, repo.name, repo.type),
    )
    return [name for (name,) in found]
