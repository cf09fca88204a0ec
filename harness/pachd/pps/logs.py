"""What jobs and user code say: one append-only file of JSON lines for each job."""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from harness.pachd.store.disk import is_full

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.pachd.pps.datums import Datum
    from harness.pachd.pps.jobs import JobRow
    from harness.pachd.pps.keys import Job, Pipeline
    from harness.pachd.store.events import Events, Listener

# What one job may say; the rest is dropped, with a last line that says so.
MOST_BYTES = 64 * 1024 * 1024

# Lines of workers that belong to no job; sorts before the files of jobs.
_WORKERS = "0-workers.jsonl"


@dataclass(frozen=True)
class Line:
    """One line. ``time`` is in nanoseconds since the epoch; ``data`` the datum's inputs: paths and hexadecimal hashes.

    ``user`` marks what user code printed, ``master`` what the orchestration of the job says; the rest is the workers'.
    """

    time: int
    job_id: str
    worker: str
    datum: str
    master: bool
    user: bool
    message: str
    data: tuple[tuple[str, str], ...]


def topic(pipeline: Pipeline) -> tuple[str, Pipeline]:
    """Published when there are new lines."""
    return ("logs", pipeline)


class Log:
    """Writes the lines of one job, or of a pipeline's workers. Safe to use from several threads.

    While the disk is full, lines are dropped: a log is not worth failing for.
    """

    def __init__(self, path: Path, pipeline: Pipeline, job_id: str, events: Events) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._lock = threading.Lock()
        size = path.stat().st_size
        self._left = MOST_BYTES - size
        if self._left <= 0:
            os.close(self._file)
        self._torn = size > 0 and not _ends_line(path)  # a full disk or a crash of the machine cut it off
        self._described: set[str] = set()
        self._topic = topic(pipeline)
        self._job_id = job_id
        self._events = events

    def master(self, message: str) -> None:
        """A line of the orchestration."""
        self._write({"master": True, "message": message})

    def worker(self, worker: str, message: str, datum: Datum | None = None) -> None:
        """A line of a worker."""
        self._write({"worker": worker, "message": message}, datum)

    def user(self, worker: str, message: str, datum: Datum) -> None:
        """A line that user code printed."""
        printable = message.encode("utf-8", "replace").decode()
        self._write({"worker": worker, "user": True, "message": printable}, datum)

    def close(self) -> None:
        """Lines that come later are dropped."""
        with self._lock:
            if self._left > 0:
                os.close(self._file)
            self._left = 0

    def _write(self, line: dict[str, object], datum: Datum | None = None) -> None:
        line.update(time=time.time_ns(), job=self._job_id)
        if datum is not None:
            self._describe(line, datum)
        data = json.dumps(line).encode() + b"\n"
        with self._lock:
            if self._left <= 0:
                return
            self._append(data)
            self._left -= len(data)
            if self._left <= 0:
                line["message"] = f"this log has reached {MOST_BYTES} bytes; what follows is not kept"
                self._append(json.dumps(line).encode() + b"\n")
                os.close(self._file)
        self._events.publish([self._topic])

    def _append(self, line: bytes) -> None:
        data = b"\n" + line if self._torn else line
        try:
            written = os.write(self._file, data)
        except OSError as error:
            if not is_full(error):
                raise
            return
        self._torn = written < len(data)

    def _describe(self, line: dict[str, object], datum: Datum) -> None:
        line["datum"] = datum.id
        if datum.id not in self._described:  # a datum's inputs are told once; readers remember them
            self._described.add(datum.id)
            line["data"] = [[part.path, part.hash.hex()] for part in datum.inputs]


class Logs:
    """The logs of all pipelines, one folder each."""

    def __init__(self, root: Path, events: Events) -> None:
        self._root = root
        self._events = events

    def of_job(self, row: JobRow) -> Log:
        """To write the lines of a job; go on where a server before stopped."""
        name = f"{row.created:020d}-{row.job.id}.jsonl"
        return Log(self._folder(row.job.pipeline) / name, row.job.pipeline, row.job.id, self._events)

    def of_workers(self, pipeline: Pipeline) -> Log:
        """To write what the pipeline's workers say outside of jobs."""
        return Log(self._folder(pipeline) / _WORKERS, pipeline, "", self._events)

    def delete(self, pipeline: Pipeline) -> None:
        """Forget everything that was said for a deleted pipeline."""
        for path in self.files(pipeline, None):
            path.unlink(missing_ok=True)

    def batches(self, pipeline: Pipeline, job: Job | None, listener: Listener | None = None) -> Iterator[list[Line]]:
        """The lines so far, of all jobs in order of creation, or of one.

        With a ``listener`` on :func:`topic`, new lines follow as they come, until SHUTTING_DOWN ends that.
        """
        reader = Reader(self, pipeline, job)
        batch: list[Line] | None = list(reader.more())
        while batch is not None:
            yield batch
            batch = listener.wait(lambda: list(reader.more()) or None) if listener is not None else None

    def _folder(self, pipeline: Pipeline) -> Path:
        return self._root / pipeline.project / pipeline.name

    def files(self, pipeline: Pipeline, job: Job | None) -> list[Path]:
        """The files with the lines of a pipeline, or of one of its jobs, in order of the jobs' creation."""
        return sorted(self._folder(pipeline).glob(f"*-{job.id}.jsonl" if job is not None else "*.jsonl"))


class Reader:
    """Reads on where it stopped the time before."""

    def __init__(self, logs: Logs, pipeline: Pipeline, job: Job | None) -> None:
        self._files = partial(logs.files, pipeline, job)
        self._offsets: dict[Path, int] = {}
        self._data: dict[str, tuple[tuple[str, str], ...]] = {}

    def more(self) -> Iterator[Line]:
        """The complete lines that came since."""
        for path in self._files():
            if path.stat().st_size > self._offsets.get(path, 0):
                yield from self._lines(path)

    def _lines(self, path: Path) -> Iterator[Line]:
        with path.open("rb") as file:
            file.seek(self._offsets.get(path, 0))
            for raw in file:
                if not raw.endswith(b"\n"):
                    return
                self._offsets[path] = self._offsets.get(path, 0) + len(raw)
                with suppress(json.JSONDecodeError):  # a line that was cut off
                    yield self._line(json.loads(raw))

    def _line(self, found: dict[str, object]) -> Line:
        datum = str(found.get("datum", ""))
        described = found.get("data")
        if isinstance(described, list):
            self._data[datum] = tuple((path, hash_) for path, hash_ in described)
        return Line(
            time=int(str(found["time"])),
            job_id=str(found["job"]),
            worker=str(found.get("worker", "")),
            datum=datum,
            master=bool(found.get("master")),
            user=bool(found.get("user")),
            message=str(found["message"]),
            data=self._data.get(datum, ()),
        )


def _ends_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() == b"\n"
