"""Commands that run for as long as they like, each on a worker of its own: those of spouts and services."""

from __future__ import annotations

import logging
import threading
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.pachd.errors import PachError
from harness.pachd.store.disk import insist, telling_full
from harness.pachd.workers.contract import ImageError, WorkerLost

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.pachd.pps.datums import Datum
    from harness.pachd.pps.log_writing import Log
    from harness.pachd.workers.contract import PreparedImage, Runtime, Task, Worker

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Endeavour:
    """What to run. ``task`` makes it for the worker of that name; ``datum`` is what log lines are about, if anything.

    It is started again ``pause`` seconds after each bad end, ``tries`` times in all (None: without end).
    """

    name: str
    task: Callable[[str], Task]
    pause: float
    tries: int | None = None
    datum: Datum | None = None


class Enduring:
    """Runs a command from its start to :meth:`close`, or to its good end. What it says goes to ``said``."""

    def __init__(self, runtime: Runtime, image: PreparedImage, what: Endeavour, said: Log) -> None:
        self._runtime = runtime
        self._image = image
        self._what = what
        self._said = said
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._worker: Worker | None = None
        self._thread = threading.Thread(target=self._run, name=what.name, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the command with all its children, and the worker."""
        with self._lock:
            self._closed.set()
            worker = self._worker
        if worker is not None:
            worker.close()  # a task that it has is lost, which ends the thread
        self._thread.join()

    def _run(self) -> None:
        left = self._what.tries
        while not self._closed.is_set() and left != 0 and self._fails():
            left = None if left is None else left - 1
            if left != 0:
                self._closed.wait(self._what.pause)

    def _fails(self) -> bool:
        """Run the command once; whether it came to a bad end."""
        name = f"{self._what.name}-{uuid.uuid4().hex[:5]}"
        errors: list[str] = []
        try:
            insist(lambda: errors.append(self._once(name)), self._closed)
        except (ImageError, OSError, WorkerLost, PachError) as error:
            errors.append(str(error))
        except Exception as error:  # nobody else would hear of it
            log.exception("%s", name)
            errors.append(f"internal error: {type(error).__name__}: {error}")
        if self._closed.is_set() or not any(errors):
            return False
        self._said.worker(name, f"errored running user code: {errors[-1]}", self._what.datum)
        return True

    def _once(self, name: str) -> str:
        """The error of the command, empty if it ended well."""
        with self._lock:
            if self._closed.is_set():
                return ""
            self._worker = worker = self._runtime.start(self._image, name)
        datum = self._what.datum
        try:
            with telling_full():
                self._said.worker(name, "beginning to run user code", datum)
                outcome = worker.run(self._what.task(name), lambda line: self._said.user(name, line, datum))
            if not outcome.error:
                self._said.worker(name, f"finished running user code after {outcome.process_seconds:.6f}s", datum)
            return outcome.error
        finally:
            worker.close()
