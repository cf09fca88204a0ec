"""Triggers with a cron spec: at every tick a branch moves to the head of the branch that it follows."""

from __future__ import annotations

import logging
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

from harness.pachd.pfs import firing, schedules, triggers
from harness.pachd.pfs.keys import Branch, Repo
from harness.pachd.pfs.schedules import SECOND

if TYPE_CHECKING:
    from harness.pachd.pfs.version_store import VersionStore

log = logging.getLogger(__name__)

SECONDS_AFTER_FAILURE = 10.0


class _Next(NamedTuple):
    """A tick to come: of which branch (and its number), of which spec, when the last one was, when this one is."""

    branch: Branch
    pk: int
    source: str
    spec: str
    ticked: int
    due: int


class Ticker:
    """Moves branches when their triggers tick; one thread that sleeps until the next tick or a new trigger.

    The last tick is stored, so a restart continues: what was missed meanwhile is made up for by one tick.
    """

    def __init__(self, store: VersionStore) -> None:
        self._store = store
        self._closing = ExitStack()

    def start(self) -> None:
        """Fire what a stopped server left to fire, then wait for ticks in the background."""
        self._store.fire_triggers()
        listener = self._closing.enter_context(self._store.events.listen(triggers.TOPIC))
        thread = threading.Thread(target=listener.repeat, args=(self._look,), name="ticks", daemon=True)
        self._closing.callback(thread.join)
        self._closing.callback(listener.cancel)
        thread.start()

    def close(self) -> None:
        """End the thread. Idempotent."""
        self._closing.close()

    def _look(self) -> float | None:
        """Tick what is due; then the seconds until the next tick, None where nothing ticks."""
        try:
            now = self._store.clock()
            for each in self._ahead():
                if each.due <= now:
                    self._tick(each, now)
            pause = min((each.due - now for each in self._ahead()), default=None)
        except Exception:  # a full disk, say, must not end the ticking for good
            log.exception("triggers that tick")
            return SECONDS_AFTER_FAILURE
        return None if pause is None else min(max(pause, 0) / SECOND, threading.TIMEOUT_MAX)

    def _ahead(self) -> list[_Next]:
        with self._store.snapshot() as conn:
            rows = conn.execute(
                "SELECT r.project, r.name, r.type, b.name, b.pk, t.source, t.cron_spec, t.ticked FROM branch_triggers t"
                " JOIN branches b ON b.pk = t.branch JOIN repos r ON r.pk = b.repo WHERE t.cron_spec <> ''"
            ).fetchall()
        ahead = []
        for project, repo, type_, name, pk, source, spec, ticked in rows:
            due = schedules.parse(spec).next_after(ticked)
            if due is not None:
                ahead.append(_Next(Branch(Repo(project, repo, type_), name), pk, source, spec, ticked, due))
        return ahead

    def _tick(self, each: _Next, now: int) -> None:
        following = schedules.parse(each.spec).next_after(each.due)
        late = following is not None and following <= now
        with self._store.transaction() as txn:
            unchanged = txn.conn.execute(
                "UPDATE branch_triggers SET ticked = ?"
                " WHERE branch = ? AND source = ? AND cron_spec = ? AND ticked = ?",
                (now if late else each.due, each.pk, each.source, each.spec, each.ticked),
            )
            if unchanged.rowcount:  # the trigger may have been replaced or deleted since it was read
                firing.tick(txn, each.branch, each.source)
