"""What jobs and user code say: a log for each job, and one for each pipeline's workers outside of jobs."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING

from harness.pachd.pps.keys import Job, Pipeline
from harness.pachd.pps.log_reading import Reader
from harness.pachd.pps.log_segments import LogName, logs_of
from harness.pachd.pps.log_writing import Log

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from harness.pachd.pps.jobs import JobRow
    from harness.pachd.pps.versions import Version
    from harness.pachd.store.events import Events

# In the names of the logs of a pipeline's workers and of a spout's code; there are no jobs of these ids.
_WORKERS, _SPOUT = "workers", "spout"


def topic(pipeline: Pipeline) -> tuple[str, Pipeline]:
    """Published when there are new lines."""
    return ("logs", pipeline)


class Logs:
    """The logs of all pipelines, a folder each below a folder for each project."""

    def __init__(self, root: Path, events: Events) -> None:
        self._root = root
        self._events = events
        self._open: weakref.WeakSet[Log] = weakref.WeakSet()
        self._lock = threading.Lock()  # jobs begin while others are deleted

    def of_job(self, row: JobRow) -> Log:
        """To write the lines of a job; go on where a server before stopped."""
        return self._log(row.job.pipeline, row.created, row.job.id, row.job.id)

    def of_spout(self, version: Version) -> Log:
        """To write the lines of a spout's version, which carry the job id that Pachyderm gives them."""
        return self._log(version.pipeline, version.created, _SPOUT, _SPOUT)

    def of_workers(self, pipeline: Pipeline) -> Log:
        """To write what the pipeline's workers say outside of jobs."""
        return self._log(pipeline, 0, _WORKERS, "")

    def reader(self, pipeline: Pipeline, job: Job | None, oldest: int = 0) -> Reader:
        """The lines of all jobs in order of creation, behind those of the workers; or of one job.

        Logs that nobody wrote to since ``oldest`` (nanoseconds since the epoch) are left out.
        """

        def logs() -> dict[LogName, list[int]]:
            found = logs_of(self._folder(pipeline))
            return {name: numbers for name, numbers in found.items() if job is None or name.owner == job.id}

        return Reader(logs, oldest)

    def forget(self, job: Job) -> None:
        """Delete what a deleted job said; what it still says is not kept."""
        self._delete(job.pipeline, lambda name: name.owner == job.id)

    def delete(self, pipeline: Pipeline) -> None:
        """Delete everything that was said for a deleted pipeline; what is still said is not kept."""
        self._delete(pipeline, lambda _: True)

    def keep_only(self, pipelines: Collection[Pipeline], jobs: Collection[Job]) -> None:
        """Delete the logs of all others, which a crash left behind."""
        for folder in self._root.glob("*/*"):
            pipeline = Pipeline(folder.parent.name, folder.name)
            self._delete(pipeline, _stray(pipeline, pipelines, jobs))

    def _delete(self, pipeline: Pipeline, doomed: Callable[[LogName], bool]) -> None:
        folder = self._folder(pipeline)
        with self._lock:
            opened = list(self._open)
        for log in opened:
            if log.name.folder == folder and doomed(log.name):
                log.close()
        for name in filter(doomed, logs_of(folder)):
            name.delete()

    def _log(self, pipeline: Pipeline, created: int, owner: str, job_id: str) -> Log:
        log = Log(LogName(self._folder(pipeline), created, owner), topic(pipeline), job_id, self._events)
        with self._lock:
            self._open.add(log)
        return log

    def _folder(self, pipeline: Pipeline) -> Path:
        return self._root / pipeline.project / pipeline.name


def _stray(pipeline: Pipeline, pipelines: Collection[Pipeline], jobs: Collection[Job]) -> Callable[[LogName], bool]:
    owners = {_WORKERS, _SPOUT} if pipeline in pipelines else set()
    return lambda name: name.owner not in owners and Job(pipeline, name.owner) not in jobs
