"""The ticks of one cron input: empty files on the master branch of its repo, named by their times."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from harness.pachd.pfs import branch_records, commits, modify, records
from harness.pachd.pfs.keys import Branch
from harness.pachd.pfs.resolve import Reference
from harness.pachd.pfs.schedules import SECOND
from harness.pachd.pps import inputs
from harness.pachd.store.trees import EMPTY

if TYPE_CHECKING:
    import sqlite3

    from harness.pachd.pfs.filesets import FileSets
    from harness.pachd.pfs.txn import Txn

_FORM = "%Y-%m-%dT%H:%M:%S"


def tick(txn: Txn, cron: Any, time: int) -> None:
    """A commit of its own that adds the tick of ``time`` (nanoseconds since the epoch), or puts it in place of all."""
    name = datetime.fromtimestamp(time // SECOND, timezone.utc).strftime(_FORM) + "Z"
    edit = txn.store.files.edit(EMPTY)
    if cron.overwrite:
        edit.delete_below("/")
    edit.append(f"/{name}", "", b"")
    modify.apply(txn, Reference(inputs.repo(cron), inputs.DEFAULT_BRANCH, ""), edit)


def latest(conn: sqlite3.Connection, files: FileSets, cron: Any) -> int:
    """After what time the next tick comes: that of the last one that is in the repo, or the cron's start if later.

    Raises ValueError where the last file there is named by no time.
    """
    start = int(cron.start.ToNanoseconds())
    row = branch_records.find(conn, Branch(inputs.repo(cron), inputs.DEFAULT_BRANCH))
    root = commits.content(conn, records.at(conn, row.head_pk)) if row is not None else EMPTY
    last = next(iter(deque(files.walk(root), maxlen=1)), None)
    return start if last is None else max(start, _time_of(last.path.split("/")[1]))


def _time_of(name: str) -> int:
    try:
        return int(datetime.strptime(name, f"{_FORM}%z").timestamp()) * SECOND
    except ValueError:
        raise ValueError(f'the last file, "{name}", is not named by a time such as 2023-07-01T12:00:00Z') from None
