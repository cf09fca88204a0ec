"""The clockwork of cron inputs: one thread that sleeps until the next tick, or until a pipeline changes."""

from __future__ import annotations

import logging
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple

from harness.pachd.errors import PachError
from harness.pachd.errors import pps as errors
from harness.pachd.pfs import schedules
from harness.pachd.pfs.keys import Repo
from harness.pachd.pfs.schedules import SECOND
from harness.pachd.pps import cron_ticks, inputs, versions
from harness.pachd.pps.states import PipelineState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.pachd.pps.tools import Tools
    from harness.pachd.pps.versions import Version

log = logging.getLogger(__name__)

_TICKING = frozenset({PipelineState.RUNNING, PipelineState.STANDBY, PipelineState.CRASHING})

_Key = tuple[int, Repo]


class _Cron(NamedTuple):
    """A cron input of a pipeline version that runs."""

    version: Version
    cron: Any

    @property
    def key(self) -> _Key:
        """Names it for as long as that version runs."""
        return self.version.serial, inputs.repo(self.cron)


class Crons:
    """Makes the ticks of all pipelines that run.

    What was missed while the server or the pipeline was stopped is made up for tick by tick, each in a commit. A
    cron that cannot tick says why in its pipeline's log and is tried again after ``tools.seconds_to_retry``.
    """

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._store = tools.store
        self._ticked: dict[_Key, int] = {}  # when each ticked last
        self._troubles: dict[_Key, str] = {}
        self._closing = ExitStack()

    def start(self) -> None:
        """Tick in the background."""
        listener = self._closing.enter_context(self._store.events.listen(versions.TOPIC))
        thread = threading.Thread(target=listener.repeat, args=(self._look,), name="crons", daemon=True)
        self._closing.callback(thread.join)
        self._closing.callback(listener.cancel)
        thread.start()

    def close(self) -> None:
        """End the thread. Idempotent."""
        self._closing.close()

    def run(self, version: Version) -> None:
        """RunCron: a tick of each cron input now, each in a commit of its own. Raises NO_CRON_INPUT."""
        crons = inputs.cron_leaves(version.info.details.input)
        if not crons:
            raise errors.NO_CRON_INPUT()
        now = self._store.clock()
        for cron in crons:
            with self._store.transaction() as txn:
                cron_ticks.tick(txn, cron, now)

    def _look(self) -> float | None:
        try:
            return self._tick()
        except Exception:  # a full disk, say, must not end the ticking for good
            log.exception("cron inputs")
            return self._tools.seconds_to_retry

    def _tick(self) -> float | None:
        """One tick of each cron that is due; the seconds until the next one is, None where nothing ticks."""
        running = {each.key: each for each in self._running()}
        for key in self._ticked.keys() - running.keys():  # when it runs again, the repo tells
            del self._ticked[key]
        pauses = [pause for each in running.values() if (pause := self._serve(each)) is not None]
        return min(*pauses, threading.TIMEOUT_MAX) if pauses else None

    def _running(self) -> Iterator[_Cron]:
        with self._store.snapshot() as conn:
            current = versions.listing(conn)
        for version in current:
            if not version.stopped and version.state in _TICKING:
                yield from (_Cron(version, cron) for cron in inputs.cron_leaves(version.info.details.input))

    def _serve(self, each: _Cron) -> float | None:
        try:
            pause = self._advance(each)
        except Exception as error:  # noqa: BLE001 -- it is told, and the others must go on
            self._tell(each, str(error) if isinstance(error, (PachError, ValueError)) else repr(error))
            return self._tools.seconds_to_retry
        self._troubles.pop(each.key, None)
        return pause

    def _advance(self, each: _Cron) -> float | None:
        """Tick if it is time to; the seconds until the next tick, None where there is none."""
        schedule = schedules.parse(each.cron.spec)
        if each.key not in self._ticked:
            with self._store.snapshot() as conn:
                self._ticked[each.key] = cron_ticks.latest(conn, self._store.files, each.cron)
        due, now = schedule.next_after(self._ticked[each.key]), self._store.clock()
        if due is None:
            return None
        if due > now:
            return (due - now) / SECOND
        with self._store.transaction() as txn:
            present = versions.current(txn.conn, each.version.pipeline)
            if present is not None and present.serial == each.version.serial and not present.stopped:
                cron_ticks.tick(txn, each.cron, due)
        self._ticked[each.key] = due
        return 0.0

    def _tell(self, each: _Cron, trouble: str) -> None:
        if self._troubles.get(each.key) == trouble:
            return
        self._troubles[each.key] = trouble
        log.warning("cron input %s of %s: %s", each.cron.name, each.version.pipeline, trouble)
        said = self._tools.logs.of_workers(each.version.pipeline)
        said.master(f"errored ticking cron input {each.cron.name}: {trouble}")
        said.close()
