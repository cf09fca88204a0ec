"""The workers of one version of a pipeline."""

from __future__ import annotations

import logging
import threading
import uuid
from collections import deque
from typing import TYPE_CHECKING

from harness.pachd.pps.pauses import growing
from harness.pachd.pps.tickets import Busy
from harness.pachd.store.disk import insist
from harness.pachd.workers.contract import ImageError, WorkerLost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from harness.pachd.pps.datums import Datum
    from harness.pachd.pps.keys import Job
    from harness.pachd.pps.tickets import Ticket
    from harness.pachd.workers.contract import PreparedImage, Runtime, Worker

log = logging.getLogger(__name__)

_PATIENCE = 1.0  # seconds that a killed task may take to end


class Crew:
    """Up to ``size`` workers that take tickets in order. They start when there is work, and end at :meth:`close`.

    ``on_trouble`` is told why a worker could not be started, and with an empty text when all that could not work.
    They are tried again after ``pause`` seconds, and then less often; tickets wait. A full disk is waited out.
    """

    def __init__(
        self,
        runtime: Runtime,
        image: PreparedImage,
        name: str,
        size: int,
        on_trouble: Callable[[str], None],
        pause: float,
    ) -> None:
        self.image = image
        self.runtime = runtime
        self.name = name
        self.size = size
        self._on_trouble = on_trouble
        self._pause = pause
        self._changed = threading.Condition()
        self._queue: deque[Ticket] = deque()
        self._running: dict[Worker, Ticket] = {}
        self._threads: set[threading.Thread] = set()
        self._troubled: set[threading.Thread] = set()  # those that wait to try again
        self._in_trouble = False
        self._idle = 0
        self._closed = False
        self._ended = threading.Event()
        self._resting = False

    def submit(self, tickets: Iterable[Ticket]) -> None:
        """Queue work; starts as many workers as it needs and the crew may have."""
        with self._changed:
            self._queue.extend(tickets)
            self._resting = False
            missing = min(len(self._queue) - self._idle, self.size - len(self._threads))
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
        return sum(ticket.restart(meant, worker) for worker, ticket in running) > 0  # of all, not of the first only

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
        pauses = growing(self._pause)
        try:
            while trouble := self._why_not():
                with self._changed:
                    self._troubled.add(threading.current_thread())
                    self._in_trouble = True
                self._on_trouble(trouble)
                self._ended.wait(next(pauses))
        finally:
            with self._changed:
                self._threads.discard(threading.current_thread())
                self._troubled.discard(threading.current_thread())

    def _why_not(self) -> str:
        """Have a worker serve until it is not needed any more; what kept it from that, else empty."""
        try:
            insist(self._serve_on, self._ended)
        except (ImageError, OSError, WorkerLost) as error:
            log.warning("no worker for %s: %s", self.name, error)
            return str(error)
        except Exception as error:  # jobs must not wait for a worker that nobody knows to be missing
            log.exception("worker for %s", self.name)
            return f"internal error: {type(error).__name__}: {error}"
        return ""

    def _recover(self) -> None:
        """The worker of the calling thread is at work; tell if that was the last in trouble."""
        with self._changed:
            self._troubled.discard(threading.current_thread())
            recovered = self._in_trouble and not self._troubled
            self._in_trouble &= not recovered
        if recovered:
            self._on_trouble("")

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
                self._recover()
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
