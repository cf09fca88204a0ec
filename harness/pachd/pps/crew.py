"""The workers of one version of a pipeline."""

from __future__ import annotations

import logging
import threading
import uuid
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from harness.pachd.store.disk import insist
from harness.pachd.workers.contract import ImageError, WorkerLost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from harness.pachd.pps.datums import Datum
    from harness.pachd.pps.keys import Job
    from harness.pachd.workers.contract import PreparedImage, Runtime, Worker

log = logging.getLogger(__name__)

_PATIENCE = 1.0  # seconds that a killed task may take to end


@dataclass(frozen=True)
class Busy:
    """A worker at work on a datum of a job; ``since`` in nanoseconds since the epoch."""

    worker: str
    job: Job
    datum: Datum
    since: int


class Ticket(Protocol):
    """A piece of work for any worker."""

    job: Job

    @property
    def in_hand(self) -> tuple[Datum, int] | None:
        """The datum that is being executed, and since when (nanoseconds since the epoch)."""

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""

    def do(self, worker: Worker) -> None:
        """Do what is left. May raise WorkerLost: if something is left then, another worker goes on."""

    def restart(self, meant: Callable[[Datum], bool], worker: Worker) -> bool:
        """Have the datum in hand tried again, if it is meant; False where none is."""


class Crew:
    """Up to ``size`` workers that take tickets in order. They start when there is work, and end at :meth:`close`.

    ``runtime`` starts them in ``image``, by names that begin with ``name``. ``on_failure`` is told why no worker could
    be started; tickets then wait for ever. A full disk is waited out.
    """

    def __init__(
        self, runtime: Runtime, image: PreparedImage, name: str, size: int, on_failure: Callable[[str], None]
    ) -> None:
        self.image = image
        self.runtime = runtime
        self.name = name
        self._size = size
        self._on_failure = on_failure
        self._changed = threading.Condition()
        self._queue: deque[Ticket] = deque()
        self._running: dict[Worker, Ticket] = {}
        self._threads: set[threading.Thread] = set()
        self._idle = 0
        self._closed = False
        self._ended = threading.Event()
        self._resting = False

    def submit(self, tickets: Iterable[Ticket]) -> None:
        """Queue work; starts as many workers as it needs and the crew may have."""
        with self._changed:
            self._queue.extend(tickets)
            self._resting = False
            missing = min(len(self._queue) - self._idle, self._size - len(self._threads))
            for _ in range(0 if self._closed else missing):
                thread = threading.Thread(target=self._work, name=self.name, daemon=True)
                self._threads.add(thread)
                thread.start()
            self._changed.notify_all()

    def cancel(self, job: Job) -> None:
        """Drop the job's queued tickets, kill those that run, and wait until they are gone."""
        with self._changed:
            self._queue = deque(ticket for ticket in self._queue if ticket.job != job)
            self._kill(lambda ticket: ticket.job == job)

    def restart(self, job: Job, meant: Callable[[Datum], bool]) -> bool:
        """Have those of the job's datums that are being executed and meant tried again; False where there is none."""
        with self._changed:
            running = [(worker, ticket) for worker, ticket in self._running.items() if ticket.job == job]
        restarted = [ticket.restart(meant, worker) for worker, ticket in running]
        return any(restarted)

    def rest(self) -> None:
        """End the workers that have nothing to do; :meth:`submit` starts new ones."""
        with self._changed:
            self._resting = True
            self._changed.notify_all()

    def busy(self) -> list[Busy]:
        """What workers do at this moment."""
        with self._changed:
            held = [(worker.name, ticket.job, ticket.in_hand) for worker, ticket in self._running.items()]
        return [Busy(worker, job, *in_hand) for worker, job, in_hand in held if in_hand is not None]

    def close(self) -> None:
        """Kill what runs, end every worker and wait for it."""
        with self._changed:
            self._closed = True
            self._ended.set()
            self._queue.clear()
            self._changed.notify_all()
            self._kill(lambda _: True)
            threads = list(self._threads)
        for thread in threads:
            thread.join()

    def _kill(self, meant: Callable[[Ticket], bool]) -> None:
        while doomed := [worker for worker, ticket in self._running.items() if meant(ticket)]:
            for worker in doomed:
                worker.cancel()
            # Again after a while: a ticket may just have been taken, its task not yet begun, and nothing was killed.
            self._changed.wait(_PATIENCE)

    def _work(self) -> None:
        try:
            insist(self._serve_on, self._ended)
        except (ImageError, OSError, WorkerLost) as error:
            log.warning("no worker for %s: %s", self.name, error)
            self._on_failure(str(error))
        except Exception as error:  # jobs must not wait for a worker that nobody knows to be missing
            log.exception("worker for %s", self.name)
            self._on_failure(f"internal error: {type(error).__name__}: {error}")
        finally:
            with self._changed:
                self._threads.discard(threading.current_thread())

    def _serve_on(self) -> None:
        while not self._leaves():
            self._serve()

    def _leaves(self) -> bool:
        """Whether this thread ends; if so it counts no more from that moment, so that new work gets a new one."""
        with self._changed:
            if self._closed or self._resting:
                self._threads.discard(threading.current_thread())
                return True
            return False

    def _serve(self) -> None:
        """Start a worker and have it work until it is lost or the crew is closed."""
        worker = self.runtime.start(self.image, f"{self.name}-{uuid.uuid4().hex[:5]}")
        try:
            while (ticket := self._take(worker)) is not None:
                self._do(worker, ticket)
        except WorkerLost as lost:
            log.warning("%s is lost: %s; another one takes over", worker.name, lost)
        finally:
            worker.close()

    def _do(self, worker: Worker, ticket: Ticket) -> None:
        try:
            ticket.do(worker)
        except WorkerLost:
            if not ticket.done:
                with self._changed:
                    self._queue.appendleft(ticket)
            raise
        finally:
            with self._changed:
                self._running.pop(worker, None)
                self._changed.notify_all()

    def _take(self, worker: Worker) -> Ticket | None:
        with self._changed:
            self._idle += 1
            try:
                self._changed.wait_for(lambda: self._queue or self._closed or self._resting)
            finally:
                self._idle -= 1
            if self._closed or not self._queue:
                return None
            ticket = self._queue.popleft()
            self._running[worker] = ticket
            return ticket
