"""The server's end of a worker process."""

from __future__ import annotations

import itertools
import json
import socket
import threading
import time
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.pachd.errors import PachError
from harness.pachd.store.disk import is_full
from harness.pachd.workers import messages
from harness.pachd.workers.child import trees, words
from harness.pachd.workers.contract import Outcome, WorkerLost
from harness.pachd.workers.door import Door
from harness.pachd.workers.filling import Filling
from harness.pachd.workers.giving import give
from harness.pachd.workers.spawning import spawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from harness.pachd.workers.contract import PreparedImage, Task
    from harness.pachd.workers.giving import Given
    from harness.pachd.workers.inputs import InputCache

_PATIENCE = 10.0  # seconds that a worker may take to kill its task and end


class ProcessWorker:
    """A worker as an operating system process; see ``child/``. ``pid`` is its guard's."""

    def __init__(self, name: str, image: PreparedImage, scratch: Path, inputs: InputCache, *, namespaces: bool) -> None:
        """Start it; ``scratch`` is its own, made and removed with it."""
        self.name = name
        self._image = image
        self._scratch = scratch
        self._inputs = inputs
        self._sending = threading.Lock()
        self._task = 0
        self._cancelled = 0
        self._door: Door | None = None
        self._doors = itertools.count(1)
        scratch.mkdir(parents=True)
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = spawn(theirs.fileno())
        self.pid = self._process.pid
        self._incoming = self._socket.makefile("rb")
        self._send(messages.setup(image, scratch, namespaces=namespaces))

    def run(self, task: Task, on_line: Callable[[str], None]) -> Outcome:
        """See :class:`~harness.pachd.workers.contract.Worker`."""
        with self._sending:
            self._task += 1
            number = self._task
        begin = time.monotonic()
        with ExitStack() as held:
            try:
                given = give(task.inputs, self._inputs, held)
            except (OSError, PachError) as error:  # such as a damaged object
                if is_full(error):
                    raise
                return Outcome(f"cannot write the inputs to disk: {error}", self._scratch)
            waited = time.monotonic() - begin
            if not self._begin(number, task, given):
                return Outcome(words.CANCELLED, self._scratch, cancelled=True, download_seconds=waited)
            outcome = self._finish(number, given, waited, on_line)
        if outcome.error:
            self.end_batch()  # the next program gets a door of its own
        return outcome

    def end_batch(self) -> None:
        """See :class:`~harness.pachd.workers.contract.Worker`."""
        if self._door is not None:
            self._send({"end_batch": True})
            with suppress(WorkerLost):
                self._await("batch_ended", True, {})
            self._close_door()

    def cancel(self) -> None:
        """See :class:`~harness.pachd.workers.contract.Worker`."""
        with self._sending:
            self._cancelled = self._task
            self._write({"cancel": self._task})

    @property
    def ended(self) -> bool:
        """Whether it was closed or has died."""
        return self._process.poll() is not None

    def close(self) -> None:
        """See :class:`~harness.pachd.workers.contract.Worker`."""
        # Not in turn with who is sending: if the worker does not read, this is what ends the sending.
        with suppress(OSError):  # closed already
            self._socket.shutdown(socket.SHUT_RDWR)
        impatience = threading.Timer(_PATIENCE, self._process.kill)
        impatience.start()
        self._process.wait()
        impatience.cancel()
        self._close_door()
        self._incoming.close()
        self._socket.close()
        trees.remove(str(self._scratch))

    def _begin(self, number: int, task: Task, given: Given) -> bool:
        """Hand the task over, unless it was cancelled meanwhile."""
        message = messages.of_task(task, self._image) | given.message()
        message["batch"] = self._open_door(task) if task.batch else 0
        message["door"] = self._door.env if self._door is not None else {}
        with self._sending:
            if self._cancelled == number:
                return False
            self._write({"task": number, **message})
            return True

    def _finish(self, number: int, given: Given, waited: float, on_line: Callable[[str], None]) -> Outcome:
        """Serve the worker until the task has ended, whose inputs took ``waited`` seconds."""
        filling = Filling(self._inputs.objects, given.contents, lambda word, place: self._send({word: place}))
        listeners: dict[str, Callable[[Any], None]] = {
            "lines": partial(_each, on_line),
            "opened": partial(_each, filling.open),
        }
        if self._door is not None:
            listeners["given"] = self._door.give
        try:
            report = self._await("done", number, listeners)
        except BaseException:
            self._abandon(number)
            raise
        finally:
            filling.join()
        return Outcome(
            error=report["error"] or filling.error,
            output=Path(report["output"] or self._scratch),
            recovered=report["recovered"],
            cancelled=report["cancelled"],
            download_seconds=waited + report["preparing"],
            process_seconds=report["running"],
            download_bytes=given.size + filling.size,
        )

    def _open_door(self, task: Task) -> int:
        """The number of the door for the task's batch, of the one there is or of a new one."""
        if self._door is not None and self._door.batch != task.batch:
            self.end_batch()
        if self._door is None:
            self._door = Door(task.batch, next(self._doors), self.name, lambda error: self._send({"next": error}))
        self._door.work_on(task)
        return self._door.number

    def _close_door(self) -> None:
        """Not before its program is gone, which would take it for the end of an input."""
        door, self._door = self._door, None
        if door is not None:
            door.close()

    def _await(self, key: str, value: object, listeners: Mapping[str, Callable[[Any], None]]) -> dict[str, Any]:
        """Pass on what the worker tells, by key, until it sends ``value`` under ``key``."""
        for message in self._messages():
            for told, what in message.items():
                if told in listeners:
                    listeners[told](what)
            if message.get(key) == value:
                return message
            if "broken" in message:
                raise WorkerLost(f"worker {self.name} cannot work: {message['broken']}")
        raise WorkerLost(f"worker {self.name} (process {self.pid}) died")

    def _abandon(self, number: int) -> None:
        """Passing on failed: leave nothing of the task to the next one."""
        self.cancel()
        with suppress(WorkerLost):
            self._await("done", number, {})

    def _messages(self) -> Iterator[dict[str, Any]]:
        try:
            for line in self._incoming:
                yield json.loads(line)
        except (ConnectionResetError, ValueError):  # a line cut short, or the file closed under us
            return

    def _send(self, message: dict[str, Any]) -> None:
        with self._sending:
            self._write(message)

    def _write(self, message: dict[str, Any]) -> None:
        with suppress(OSError):  # it died; who waits for its answer gets to know
            self._socket.sendall(json.dumps(message).encode("ascii") + b"\n")


def _each(do: Callable[[Any], None], told: Iterable[Any]) -> None:
    for one in told:
        do(one)
