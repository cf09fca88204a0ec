"""The server's end of a worker process."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.pachd.errors import PachError
from harness.pachd.store.disk import is_full
from harness.pachd.workers.child import trees, words
from harness.pachd.workers.contract import Outcome, WorkerLost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from harness.pachd.workers.contract import Command, PreparedImage, Task
    from harness.pachd.workers.inputs import InputCache

_PACKAGES = Path(__file__).parents[3]  # the folder that holds the package "harness"
# At the end of the search path, where it can hide nothing of the standard library.
_PROGRAM = "import sys; sys.path.append(sys.argv[2]); from harness.pachd.workers.child.main import main; main({fd})"
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
        scratch.mkdir(parents=True)
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = _spawn(theirs.fileno())
        self.pid = self._process.pid
        self._incoming = self._socket.makefile("rb")
        files = None if image.files is None else str(image.files)
        mounts = {place: _texts(shown) for place, shown in image.mounts.items()}
        self._send(namespaces=namespaces, scratch=str(scratch), files=files, workdir=image.workdir, mounts=mounts)

    def run(self, task: Task, on_line: Callable[[str], None]) -> Outcome:
        """See :class:`~harness.pachd.workers.contract.Worker`."""
        with self._sending:
            self._task += 1
            number = self._task
        begin = time.monotonic()
        with ExitStack() as held:
            try:
                copies = [(wanted.name, held.enter_context(self._inputs.hold(wanted))) for wanted in task.inputs]
            except (OSError, PachError) as error:  # such as a damaged object
                if is_full(error):
                    raise
                return Outcome(f"cannot write the inputs to disk: {error}", self._scratch)
            waited = time.monotonic() - begin
            folders = [(name, str(copy.folder)) for name, copy in copies]
            if not self._begin(number, self._message(task, folders)):
                return Outcome(words.CANCELLED, self._scratch, cancelled=True, download_seconds=waited)
            try:
                report = self._await(number, on_line)
            except BaseException:
                self._abandon(number)
                raise
        return Outcome(
            error=report["error"],
            output=Path(report["output"] or self._scratch),
            recovered=report["recovered"],
            cancelled=report["cancelled"],
            download_seconds=waited + report["preparing"],
            process_seconds=report["running"],
            download_bytes=sum(copy.size for _, copy in copies),
        )

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
        self._incoming.close()
        self._socket.close()
        trees.remove(str(self._scratch))

    def _message(self, task: Task, folders: list[tuple[str, str]]) -> dict[str, Any]:
        workdir = self._image.workdir
        return {
            "inputs": folders,
            "command": _command(task.command),
            "error_command": task.error_command and _command(task.error_command),
            "image_env": dict(self._image.env),
            "env": dict(task.env),
            "cwd": str(Path(workdir, task.working_dir)) if task.working_dir else workdir,
            "timeout": task.timeout,
            "accept": sorted(task.accept),
            "user": task.user,
        }

    def _begin(self, number: int, message: dict[str, Any]) -> bool:
        """Hand the task over, unless it was cancelled meanwhile."""
        with self._sending:
            if self._cancelled == number:
                return False
            self._write({"task": number, **message})
            return True

    def _await(self, number: int, on_line: Callable[[str], None]) -> dict[str, Any]:
        """Pass lines on until the worker reports the end of the task."""
        for message in self._messages():
            for line in message.get("lines", ()):
                on_line(line)
            if message.get("done") == number:
                return message
            if "broken" in message:
                raise WorkerLost(f"worker {self.name} cannot work: {message['broken']}")
        raise WorkerLost(f"worker {self.name} (process {self.pid}) died")

    def _abandon(self, number: int) -> None:
        """``on_line`` failed: leave nothing of the task to the next one."""
        self.cancel()
        with suppress(WorkerLost):
            self._await(number, lambda _line: None)

    def _messages(self) -> Iterator[dict[str, Any]]:
        try:
            for line in self._incoming:
                yield json.loads(line)
        except (ConnectionResetError, ValueError):  # a line cut short, or the file closed under us
            return

    def _send(self, **message: object) -> None:
        with self._sending:
            self._write(message)

    def _write(self, message: dict[str, Any]) -> None:
        with suppress(OSError):  # it died; who waits for its answer gets to know
            self._socket.sendall(json.dumps(message).encode("ascii") + b"\n")


def _spawn(fd: int) -> subprocess.Popen[bytes]:
    program = _PROGRAM.format(fd=fd)
    argv = [sys.executable, "-I", "-S", "-X", "utf8", "-c", program, "harness-worker", str(_PACKAGES)]
    # A session of its own: Ctrl-C in a terminal reaches the server, which ends its workers in order.
    return subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=(fd,), start_new_session=True
    )


def _command(command: Command) -> dict[str, Any]:
    return {"argv": list(command.argv), "stdin": command.stdin.decode("utf-8", "surrogateescape")}


def _texts(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: data.decode("latin-1") for name, data in files.items()}
