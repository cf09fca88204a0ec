"""Writing what a job and its workers say to the end of a file of JSON lines."""

from __future__ import annotations

import json
import os
import threading
import time
from typing import TYPE_CHECKING

from harness.pachd.store.disk import is_full

if TYPE_CHECKING:
    from collections.abc import Hashable
    from pathlib import Path

    from harness.pachd.pps.datums import Datum
    from harness.pachd.store.events import Events

# What one job may say; the rest is dropped, with a last line that says so.
MOST_BYTES = 64 * 1024 * 1024


class Log:
    """Writes the lines of one job, or of a pipeline's workers. Safe to use from several threads.

    Publishes ``topic`` when there are new ones. While the disk is full, they are dropped: a log is not worth
    failing for.
    """

    def __init__(self, path: Path, topic: Hashable, job_id: str, events: Events) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._lock = threading.Lock()
        size = path.stat().st_size
        self._left = MOST_BYTES - size
        if self._left <= 0:
            os.close(self._file)
        self._torn = size > 0 and not _ends_line(path)  # a full disk or a crash of the machine cut it off
        self._described: set[str] = set()
        self._topic = topic
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


def _ends_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() == b"\n"
