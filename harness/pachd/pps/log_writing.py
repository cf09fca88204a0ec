"""Writing what a job and its workers say: JSON lines at the end of the newest segment of a log."""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from harness.pachd.pps.log_segments import SEGMENT_BYTES, SEGMENTS
from harness.pachd.store.disk import is_full

if TYPE_CHECKING:
    from collections.abc import Hashable
    from pathlib import Path

    from harness.pachd.pps.datums import Datum
    from harness.pachd.pps.log_segments import LogName
    from harness.pachd.store.events import Events

LONGEST_MESSAGE = 1 << 17  # characters; workers pass on what programs print in pieces that are shorter
# A datum's inputs are told with each of its lines.
MOST_INPUTS = 1000

_REMEMBERED = 1000  # datums whose inputs are not told again


class Log:
    """Writes the lines of one job, or of a pipeline's workers; goes on behind what is there.

    Publishes ``topic`` when there are new ones. While the disk is full, they are dropped: a log is not worth failing
    for. Safe to use from several threads.
    """

    def __init__(self, name: LogName, topic: Hashable, job_id: str, events: Events) -> None:
        self.name = name
        self._topic = topic
        self._job_id = job_id
        self._events = events
        self._lock = threading.Lock()
        self._described: set[str] = set()
        self._closed = False
        name.folder.mkdir(parents=True, exist_ok=True)
        self._number = max(name.segments(), default=0)
        path = name.segment(self._number)
        self._file = _open(path)
        self._size = path.stat().st_size
        self._lines = 0
        self._torn = False
        if self._size:
            before, ends = _count(path)
            self._lines, self._torn = before, not ends  # a full disk or a crash of the machine cut it off
        else:
            self._append(self._header())

    def master(self, message: str) -> None:
        """A line of the orchestration."""
        self._write({"master": True}, message)

    def worker(self, worker: str, message: str, datum: Datum | None = None) -> None:
        """A line of a worker."""
        self._write({"worker": worker}, message, datum)

    def user(self, worker: str, message: str, datum: Datum | None = None) -> None:
        """A line that user code printed."""
        self._write({"worker": worker, "user": True}, message, datum)

    def close(self) -> None:
        """Lines that come later are dropped."""
        with self._lock:
            if not self._closed:
                self._closed = True
                os.close(self._file)

    def _write(self, line: dict[str, object], message: str, datum: Datum | None = None) -> None:
        printable = message[:LONGEST_MESSAGE].encode("utf-8", "replace").decode()
        line.update(message=printable, time=time.time_ns(), job=self._job_id)
        with self._lock:
            if self._closed:
                return
            if self._size >= SEGMENT_BYTES:
                self._begin_segment()
            if datum is not None:
                self._describe(line, datum)
            self._append(line)
            self._lines += 1
        self._events.publish([self._topic])

    def _begin_segment(self) -> None:
        try:
            file = _open(self.name.segment(self._number + 1))
        except OSError as error:
            if not is_full(error):
                raise
            return  # the old one has to do
        os.close(self._file)
        self._file, self._number, self._size, self._torn = file, self._number + 1, 0, False
        self._described.clear()  # each segment can be read without those before it
        self._append(self._header())
        if self._number >= SEGMENTS:
            self.name.segment(self._number - SEGMENTS).unlink(missing_ok=True)

    def _header(self) -> dict[str, object]:
        """Says how many lines are in the segments before."""
        return {"before": self._lines, "time": time.time_ns(), "job": self._job_id}

    def _append(self, line: dict[str, object]) -> None:
        data = json.dumps(line).encode() + b"\n"
        if self._torn:
            data = b"\n" + data
        try:
            written = os.write(self._file, data)
        except OSError as error:
            if not is_full(error):
                raise
            return
        self._size += written
        self._torn = written < len(data)

    def _describe(self, line: dict[str, object], datum: Datum) -> None:
        line["datum"] = datum.id
        if datum.id not in self._described:  # a datum's inputs are told once; readers remember them
            if len(self._described) == _REMEMBERED:
                self._described.clear()
            self._described.add(datum.id)
            line["data"] = [[part.path, part.hash.hex()] for part in datum.inputs[:MOST_INPUTS]]


def _open(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def _count(path: Path) -> tuple[int, bool]:
    """How many lines a log has up to the end of this segment, its last one; whether that end is a line's."""
    with path.open("rb") as file:
        header = file.readline()
        lines, last = 0, header
        for last in file:  # noqa: B007 -- the last one is asked for
            lines += 1
    with suppress(ValueError, KeyError):  # it was cut off
        lines += json.loads(header)["before"]
    return lines, last.endswith(b"\n")
