"""Having a crew execute many datums of a job."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from harness.pachd.errors import PachError
from harness.pachd.pps.crew import Ticket
from harness.pachd.store.disk import is_full, telling_full
from harness.pachd.workers.contract import WorkerLost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from harness.pachd.pps.crew import Crew
    from harness.pachd.pps.datums import Datum
    from harness.pachd.pps.execution import Execution
    from harness.pachd.pps.keys import Job
    from harness.pachd.pps.results import Result
    from harness.pachd.store.events import Listener
    from harness.pachd.workers.contract import Worker

log = logging.getLogger(__name__)

# A datum that takes its worker down with it so often has failed.
_MOST_LOSSES = 3


class Stage:
    """Executes datums of one job; results come as workers finish them. Threads: one submits and takes, workers make."""

    def __init__(self, job: Job, crew: Crew, execution: Execution, listener: Listener) -> None:
        self._job = job
        self._crew = crew
        self._execution = execution
        self._listener = listener
        self._lock = threading.Lock()
        self._made: list[Result] = []
        self._full: PachError | None = None
        self._losses: Counter[str] = Counter()

    def execute(self, datums: Iterable[Datum], keep: Callable[[], int]) -> None:
        """Queue ``datums`` in Pachyderm's order and call ``keep`` until it has kept (and counted) all their results."""
        todo = sorted(datums, key=lambda datum: (datum.index, datum.id))
        self._crew.submit(Ticket(self._job, datum, partial(self._serve, datum)) for datum in todo)
        left = len(todo)
        while left:
            left -= keep()

    def take(self) -> list[Result] | None:
        """The results that came since; None where there are none. Raises DISK_FULL where one could not be stored."""
        if self._full is not None:
            raise self._full
        with self._lock:
            made, self._made = self._made, []
        return made or None

    def _serve(self, datum: Datum, worker: Worker) -> None:
        """In a worker's thread."""
        if self._listener.cancelled:
            return
        result = self._attempt(datum, worker)
        if result is not None:
            with self._lock:
                self._made.append(result)
            self._listener.wake()

    def _attempt(self, datum: Datum, worker: Worker) -> Result | None:
        try:
            with telling_full():
                return self._execution.run(datum, worker)
        except WorkerLost as lost:
            self._losses[datum.id] += 1
            if self._losses[datum.id] < _MOST_LOSSES:
                raise
            return self._execution.failure(datum, f"{lost}, and so did {_MOST_LOSSES - 1} workers before")
        except PachError as error:
            if is_full(error):  # no fault of the datum
                self._full = error
                self._listener.wake()
                return None
            return self._execution.failure(datum, error.message)
        except Exception as error:
            log.exception("datum %s of job %s", datum.id, self._job)
            return self._execution.failure(datum, f"internal error: {type(error).__name__}: {error}")
