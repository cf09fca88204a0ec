"""Crews: work is done, or somebody is told why it cannot be."""

# ruff: noqa: ARG002 -- there is nothing to do it with

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from harness.pachd.pps.crew import Crew
from harness.pachd.pps.keys import Job, Pipeline
from harness.pachd.workers.contract import PreparedImage

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.pachd.workers.contract import Worker

IMAGE = PreparedImage("image", "sha256:0", None, "/app", {})
JOB = Job(Pipeline("default", "p"), "0" * 32)
SECONDS = 10


class Barren:
    """A runtime in which no worker starts."""

    isolation = "none"

    def prepare(self, image: str, progress: Callable[[str], None]) -> PreparedImage:
        return IMAGE

    def start(self, image: PreparedImage, name: str) -> Worker:
        raise RuntimeError("can't start new thread")

    def close(self) -> None:
        """Nothing is left."""


class Idle:
    """A worker that does what tickets say."""

    name = "worker"
    cancel = close = run = staticmethod(lambda *_: None)


class LateFertile(Barren):
    """A runtime in which workers start after some failures."""

    def __init__(self, failures: int) -> None:
        self._left = failures

    def start(self, image: PreparedImage, name: str) -> Any:
        self._left -= 1
        if self._left >= 0:
            raise OSError("no process")
        return Idle()


class Counting(Barren):
    """A runtime that counts the workers that it starts."""

    def __init__(self) -> None:
        self.started: list[str] = []

    def start(self, image: PreparedImage, name: str) -> Any:
        self.started.append(name)
        return Idle()


class Nothing:
    """Work that is never begun."""

    job = JOB
    in_hand = None
    done = False

    def do(self, worker: Worker) -> None:
        raise AssertionError

    def restart(self, meant: object, worker: Worker) -> bool:
        return False


class Something(Nothing):
    """Work that is done at once."""

    def do(self, worker: Worker) -> None:
        pass


def test_any_reason_why_no_worker_starts_is_told() -> None:
    told: list[str] = []
    heard = threading.Event()

    def tell(reason: str) -> None:
        told.append(reason)
        heard.set()

    crew = Crew(Barren(), IMAGE, "p", 1, tell, pause=1000.0)
    try:
        crew.submit([Nothing()])
        assert heard.wait(SECONDS)
    finally:
        crew.close()
    assert told == ["internal error: RuntimeError: can't start new thread"]


def test_work_that_waited_for_workers_is_done_when_there_are_some() -> None:
    told: list[str] = []
    recovered = threading.Event()

    def tell(reason: str) -> None:
        told.append(reason)
        if not reason:
            recovered.set()

    crew = Crew(LateFertile(failures=2), IMAGE, "p", 1, tell, pause=0.0)
    try:
        crew.submit([Something()])
        assert recovered.wait(SECONDS)
    finally:
        crew.close()
    assert told == ["no process", "no process", ""]


class Together(Nothing):
    """Work that needs as many workers at once as there are parties to ``barrier``."""

    def __init__(self, barrier: threading.Barrier, done: threading.Semaphore) -> None:
        self._barrier, self._done = barrier, done

    def do(self, worker: Worker) -> None:
        self._barrier.wait(SECONDS)
        self._done.release()


def test_a_crew_has_no_more_workers_than_it_may_have() -> None:
    runtime, done, size, rounds = Counting(), threading.Semaphore(0), 8, 10
    barrier = threading.Barrier(size)
    crew = Crew(runtime, IMAGE, "p", size, lambda _: None, pause=1000.0)
    try:
        crew.submit([Together(barrier, done) for _ in range(rounds * size)])
        assert all(done.acquire(timeout=SECONDS) for _ in range(rounds * size))
    finally:
        barrier.abort()
        crew.close()
    assert len(runtime.started) == size
