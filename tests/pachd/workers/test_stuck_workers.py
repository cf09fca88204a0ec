"""A worker that does not listen any more is got rid of all the same."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.pachd.workers.contract import Input, WorkerLost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.pachd.workers.worker_lab import Lab

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")

DEADLINE = 30  # seconds after which a test that waits gives up


def test_closing_a_worker_that_does_not_take_its_task(lab: Lab) -> None:
    worker = lab.worker()
    lab.run("true", worker=worker)
    filled, lost = threading.Event(), threading.Event()

    def files() -> Iterator[tuple[str, bytes]]:
        yield from ()
        filled.set()

    def run() -> None:
        with pytest.raises(WorkerLost):
            lab.run("true", Input("in", "key", files), worker=worker, stdin=b"more than a socket holds" * 100_000)
        lost.set()

    threads = [threading.Thread(target=target) for target in (run, worker.close)]
    inner = int(Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text())
    os.kill(inner, signal.SIGSTOP)
    try:
        threads[0].start()
        assert filled.wait(DEADLINE)
        threads[1].start()
        assert lost.wait(DEADLINE)
    finally:
        os.kill(inner, signal.SIGCONT)
        for thread in threads:
            thread.join(DEADLINE)
    assert lab.worker_folders() == []
