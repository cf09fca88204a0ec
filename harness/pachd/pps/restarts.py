"""RestartDatum: attempts that a client has ended, so that their datums are tried again."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.pachd.workers.contract import Outcome, Worker


class Restarts:
    """The attempts that run now, at most one a worker."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, str] = {}  # datum ids by the names of workers
        self._ended: set[str] = set()  # names of workers

    def attempt(self, datum: str, worker: Worker, run: Callable[[], Outcome]) -> Outcome:
        """What ``run`` gives, which executes ``datum`` on ``worker``; a failed attempt where a client has ended it."""
        with self._lock:
            self._running[worker.name] = datum
        try:
            outcome = run()
        finally:
            with self._lock:
                del self._running[worker.name]
                ended = worker.name in self._ended
                self._ended.discard(worker.name)
        return replace(outcome, cancelled=False) if ended and outcome.cancelled else outcome

    def end(self, datum: str, worker: Worker) -> bool:
        """End the attempt at ``datum`` on ``worker``; False where there is none now."""
        with self._lock:
            if self._running.get(worker.name) != datum:
                return False
            self._ended.add(worker.name)
            worker.cancel()
            return True
