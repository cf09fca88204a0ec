"""Waiting for commits. Nothing here polls: waiters sleep until a transaction publishes what they wait for."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import history, records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.pachd.pfs.history import Selection
    from harness.pachd.pfs.keys import Commit, Repo
    from harness.pachd.pfs.records import CommitRow
    from harness.pachd.pfs.version_store import VersionStore

    OnEnd = Callable[[Callable[[], None]], bool]


class State(enum.IntEnum):
    """How far a commit has come; Pachyderm's numbers. READY: all its direct provenance is finished."""

    UNKNOWN = 0
    STARTED = 1
    READY = 2
    FINISHING = 3
    FINISHED = 4


def until(store: VersionStore, commit: Commit, state: int, on_end: OnEnd) -> None:
    """Wait until ``commit`` reached ``state``.

    ``on_end(callback)`` has the callback called when the client goes away, or returns false where it is gone already
    (gRPC's ``context.add_callback``). Raises COMMIT_DELETED; SHUTTING_DOWN when the wait ends for want of a client or
    of a server.
    """
    if state == State.READY:
        with store.snapshot() as conn:
            upstream = records.get(conn, commit).direct_provenance
        for dependency in upstream:
            until(store, dependency, State.FINISHED, on_end)
    if state not in (State.FINISHING, State.FINISHED):
        return

    def look() -> bool | None:
        with store.snapshot() as conn:
            row = records.find(conn, commit)
        if row is None:
            raise errors.COMMIT_DELETED(commit=commit)
        return reached(row, state) or None

    with store.events.listen(("commit", commit)) as listener:
        listener.end_with(on_end)
        listener.wait(look)


def reached(row: CommitRow, state: int) -> bool:
    """Whether a commit is finishing, or finished."""
    return (row.finishing if state == State.FINISHING else row.finished) is not None


def subscribe(store: VersionStore, repo: Repo, selection: Selection, state: int, on_end: OnEnd) -> Iterator[Commit]:
    """The commits of ``repo``, oldest first, each when it reached ``state``; then new ones; ends as :func:`until`."""
    last: int | None = None

    def look() -> list[CommitRow] | None:
        with store.snapshot() as conn:
            return history.page(conn, selection, last, oldest_first=True) or None

    with store.events.listen(("repo", repo)) as listener:
        listener.end_with(on_end)
        while True:
            for row in listener.wait(look):
                last = row.pk
                until(store, row.key, state, on_end)
                yield row.key
