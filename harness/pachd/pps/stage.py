"""Having a crew execute many datums of a job, set by set."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter, deque
from itertools import islice
from typing import TYPE_CHECKING, Any

from harness.pachd.errors import PachError
from harness.pachd.pps import partition
from harness.pachd.pps.progress import Stopped
from harness.pachd.store.disk import is_full, telling_full
from harness.pachd.workers.contract import WorkerLost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.pachd.pps.crew import Crew
    from harness.pachd.pps.datums import Datum
    from harness.pachd.pps.execution import Execution
    from harness.pachd.pps.keys import Job
    from harness.pachd.pps.results import Result
    from harness.pachd.pps.roster import Roster
    from harness.pachd.store.events import Listener
    from harness.pachd.workers.contract import Worker

log = logging.getLogger(__name__)

# A datum that takes its worker down with it so often has failed.
_MOST_LOSSES = 3
# A set that takes longer has the results that are there kept meanwhile, so that clients see the job go on.
_LONGEST_SILENCE = 1.0
# Sets that are queued for each worker; the rest is cut when there is room.
_SETS_AHEAD = 2
# Datums of a set that are in memory.
_PAGE = 100


class Stage:
    """Executes datums of one job; results come as workers finish sets. Threads: one submits and takes, workers make."""

    def __init__(self, job: Job, info: Any, crew: Crew, execution: Execution, listener: Listener) -> None:
        """``info`` is the ``pps_v2.PipelineInfo`` that the job runs with."""
        self.job = job
        self._spec = info.details.datum_set_spec
        self._workers = int(info.parallelism)
        self._crew = crew
        self._execution = execution
        self._listener = listener
        self._lock = threading.Lock()
        self._made: list[Result] = []
        self._ended = 0  # sets, since results were taken
        self._full: PachError | None = None
        self._losses: Counter[str] = Counter()

    def execute(self, roster: Roster, keep: Callable[[list[Result]], None]) -> None:
        """Execute the queue of ``roster`` and have all results kept. Raises Stopped, and DISK_FULL."""
        sets = self._sets(roster)
        self._crew.submit(islice(sets, self._crew.size * _SETS_AHEAD))
        kept = 0
        while kept < roster.queued:
            made, ended = self._take()
            keep(made)
            kept += len(made)
            self._crew.submit(islice(sets, ended))

    def _sets(self, roster: Roster) -> Iterator[DatumSet]:
        first = 0
        for length in partition.lengths(self._spec, roster.sizes(), roster.queued, self._workers):
            yield DatumSet(self, roster, first, first + length)
            first += length

    def serve(self, datums: DatumSet, worker: Worker) -> None:
        """Execute what is left of a set; in a worker's thread. Raises WorkerLost."""
        try:
            with self._execution.datum_set(worker):
                self._execute_all(datums, worker)
        finally:
            if datums.done:
                with self._lock:
                    self._ended += 1
                self._listener.wake()

    def restart(self, datum: Datum, worker: Worker) -> bool:
        """Have ``worker`` try ``datum`` again; False where it does not execute that now."""
        return self._execution.restart(datum, worker)

    def _execute_all(self, datums: DatumSet, worker: Worker) -> None:
        while not self._given_up and (datum := datums.next()) is not None:
            try:
                result = self._attempt(datum, worker)
            except WorkerLost as lost:
                self._blame(datum, lost, datums)
                raise
            if result is None:
                return
            self._give(result, datums)

    @property
    def _given_up(self) -> bool:
        return self._listener.cancelled or self._full is not None

    def _take(self) -> tuple[list[Result], int]:
        """The results that came since, and how many sets have ended; long sets give results after a while."""
        self._listener.until(self._whether_made)
        self._listener.until(lambda: self._ended or None, _LONGEST_SILENCE)
        if self._listener.cancelled:
            raise Stopped
        with self._lock:
            made, self._made = self._made, []
            ended, self._ended = self._ended, 0
        return made, ended

    def _whether_made(self) -> bool | None:
        if self._full is not None:
            raise self._full
        return bool(self._made) or None

    def _give(self, result: Result, datums: DatumSet) -> None:
        """Pass a result on, and the set to its next datum."""
        datums.drop()
        with self._lock:
            self._made.append(result)
            first = len(self._made) == 1
        if first and not datums.done:
            self._listener.wake()

    def _blame(self, datum: Datum, lost: WorkerLost, datums: DatumSet) -> None:
        """Count a worker that was lost; the datum that it had in hand may have failed by that."""
        self._losses[datum.id] += 1
        if self._losses[datum.id] == _MOST_LOSSES:
            reason = f"{lost}, and so did {_MOST_LOSSES - 1} workers before"
            self._give(self._execution.failure(datum, reason), datums)

    def _attempt(self, datum: Datum, worker: Worker) -> Result | None:
        try:
            with telling_full():
                return self._execution.run(datum, worker)
        except WorkerLost:
            raise
        except PachError as error:
            if is_full(error):  # no fault of the datum
                self._full = error
                self._listener.wake()
                return None
            return self._execution.failure(datum, error.message)
        except Exception as error:
            log.exception("datum %s of job %s", datum.id, self.job)
            return self._execution.failure(datum, f"internal error: {type(error).__name__}: {error}")


class DatumSet:
    """Datums of one job that a worker executes one after another; a ticket of the crew."""

    def __init__(self, stage: Stage, roster: Roster, first: int, end: int) -> None:
        """Those of the roster's queue from number ``first`` on and before ``end``."""
        self.job = stage.job
        self.in_hand: tuple[Datum, int] | None = None
        self._stage = stage
        self._roster = roster
        self._next = first
        self._end = end
        self._page: deque[Datum] = deque()

    @property
    def done(self) -> bool:
        """Whether all of them have a result."""
        return self._next == self._end

    def do(self, worker: Worker) -> None:
        """Execute what is left. Raises WorkerLost."""
        try:
            self._stage.serve(self, worker)
        finally:
            self.in_hand = None

    def restart(self, meant: Callable[[Datum], bool], worker: Worker) -> bool:
        """Have the datum that ``worker`` has in hand tried again, if it is meant; False where none is."""
        held = self.in_hand
        return held is not None and meant(held[0]) and self._stage.restart(held[0], worker)

    def next(self) -> Datum | None:
        """Take the next one in hand; it remains the next until it is dropped."""
        if self.done:
            return None
        if not self._page:
            self._page.extend(self._roster.turns(self._next, self._end, _PAGE))
        self.in_hand = self._page[0], time.time_ns()
        return self._page[0]

    def drop(self) -> None:
        """The one in hand has its result."""
        self._page.popleft()
        self._next += 1
