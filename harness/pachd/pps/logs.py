"""What jobs and user code say: one append-only file of JSON lines for each job."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from harness.pachd.pps.log_reading import Reader
from harness.pachd.pps.log_writing import Log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.pachd.pps.jobs import JobRow
    from harness.pachd.pps.keys import Job, Pipeline
    from harness.pachd.pps.log_reading import Line
    from harness.pachd.store.events import Events, Listener

# Lines of workers that belong to no job; sorts before the files of jobs.
_WORKERS = "0-workers.jsonl"


def topic(pipeline: Pipeline) -> tuple[str, Pipeline]:
    """Published when there are new lines."""
    return ("logs", pipeline)


class Logs:
    """The logs of all pipelines, one folder each."""

    def __init__(self, root: Path, events: Events) -> None:
        self._root = root
        self._events = events

    def of_job(self, row: JobRow) -> Log:
        """To write the lines of a job; go on where a server before stopped."""
        name = f"{row.created:020d}-{row.job.id}.jsonl"
        return Log(self._folder(row.job.pipeline) / name, topic(row.job.pipeline), row.job.id, self._events)

    def of_workers(self, pipeline: Pipeline) -> Log:
        """To write what the pipeline's workers say outside of jobs."""
        return Log(self._folder(pipeline) / _WORKERS, topic(pipeline), "", self._events)

    def delete(self, pipeline: Pipeline) -> None:
        """Forget everything that was said for a deleted pipeline."""
        for path in self.files(pipeline, None):
            path.unlink(missing_ok=True)

    def files(self, pipeline: Pipeline, job: Job | None) -> list[Path]:
        """The files with the lines of a pipeline, or of one of its jobs, in order of the jobs' creation."""
        return sorted(self._folder(pipeline).glob(f"*-{job.id}.jsonl" if job is not None else "*.jsonl"))

    def batches(self, pipeline: Pipeline, job: Job | None, listener: Listener | None = None) -> Iterator[list[Line]]:
        """The lines so far, of all jobs in order of creation, or of one.

        With a ``listener`` on :func:`topic`, new lines follow as they come, until SHUTTING_DOWN ends that.
        """
        reader = Reader(partial(self.files, pipeline, job))
        batch: list[Line] | None = list(reader.more())
        while batch is not None:
            yield batch
            batch = listener.wait(lambda: list(reader.more()) or None) if listener is not None else None

    def _folder(self, pipeline: Pipeline) -> Path:
        return self._root / pipeline.project / pipeline.name
