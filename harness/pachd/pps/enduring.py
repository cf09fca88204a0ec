"""Commands that run for as long as they like, each on a worker of its own: those of spouts and services."""

from __future__ import annotations

import logging
import threading
import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.pachd.errors import PachError
from harness.pachd.pps import commands
from harness.pachd.store.disk import insist, telling_full
from harness.pachd.workers.contract import ImageError, WorkerLost

if TYPE_CHECKING:
    from harness.pachd.pps.datums import Datum
    from harness.pachd.pps.log_writing import Log
    from harness.pachd.pps.versions import Version
    from harness.pachd.workers.contract import Input, Outcome, PreparedImage, Runtime, Worker

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Endeavour:
    """What to run: the command of ``version``, on workers whose names begin with ``name``, with ``inputs`` in ``/pfs``.

    ``datum`` is what log lines are about, if anything. It is started again ``pause`` seconds after each bad end,
    ``tries`` times in all (None: without end).
    """

    version: Version
    name: str
    pause: float
    tries: int | None = None
    datum: Datum | None = None
    inputs: tuple[Input, ...] = ()


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
            return self._lost(name, str(error))
        except Exception as error:  # nobody else would hear of it
            log.exception("%s", name)
            return self._lost(name, f"internal error: {type(error).__name__}: {error}")
        return any(errors) and not self._closed.is_set()

    def _once(self, name: str) -> str:
        """The error of the command, empty if it ended well."""
        with self._lock:
            if self._closed.is_set():
                return ""
            self._worker = worker = self._runtime.start(self._image, name)
        try:
            return self._attempt(worker).error
        finally:
            worker.close()

    def _attempt(self, worker: Worker) -> Outcome:
        version, datum, said = self._what.version, self._what.datum, self._said
        task = commands.task(version, worker.name, commands.memory_limit(version.info.details, said))
        task = replace(task, datum_id=datum.id if datum is not None else "", inputs=self._what.inputs)

        def run() -> Outcome:
            return worker.run(task, lambda line: said.user(worker.name, line, datum))

        with telling_full():
            return commands.attempt(said, worker.name, datum, run)

    def _lost(self, worker: str, error: str) -> bool:
        """Whether that was by accident, which is told, and not because this object was closed."""
        if self._closed.is_set():
            return False
        self._said.worker(worker, f"errored running user code: {error}", self._what.datum)
        return True
