"""``job_timeout``: how long a job may run."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from harness.pachd.pps import job_changes, jobs
from harness.pachd.store.disk import insist

if TYPE_CHECKING:
    from harness.pachd.pfs.version_store import VersionStore
    from harness.pachd.pps.keys import Job


class TimeLimit:
    """Kills a job when ``timeout`` (nanoseconds; 0 means never) has passed since it was started."""

    def __init__(self, store: VersionStore, job: Job, timeout: int) -> None:
        self._store = store
        self._job = job
        self._timeout = timeout
        self._timer: threading.Timer | None = None
        self._over = threading.Event()

    def start(self, started: int) -> None:
        """Count from ``started`` (nanoseconds since the epoch); another call changes nothing."""
        if self._timeout and self._timer is None:
            left = started + self._timeout - time.time_ns()
            self._timer = threading.Timer(max(left, 0) / 1e9, insist, (self._kill, self._over))
            self._timer.daemon = True
            self._timer.start()

    def cancel(self) -> None:
        """The job has come to an end."""
        self._over.set()
        if self._timer is not None:
            self._timer.cancel()

    def _kill(self) -> None:
        with self._store.transaction() as txn:
            row = jobs.find(txn.conn, self._job)
            if row is not None:
                job_changes.kill(txn, row, " jobtimed out")  # Pachyderm's own words
