"""Running one command to its end: feeding it, passing on what it prints, stopping it in time."""

from __future__ import annotations

import os
import select
import signal
import time

from harness.pachd.workers.child import family, words
from harness.pachd.workers.child.lines import Lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from harness.pachd.workers.child.channel import Channel
    from harness.pachd.workers.child.program import Program

_PIECE = 1 << 16


class Cancelled(Exception):  # noqa: N818 -- an event, named as such
    """The server cancelled the running task."""


class Alarm:
    """Wakes a ``select`` when a child ends: SIGCHLD writes to a pipe."""

    def __init__(self) -> None:
        self.fd, wake = os.pipe()
        os.set_blocking(self.fd, False)
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, _nothing)

    def clear(self) -> None:
        """Forget what has rung; look for ended children afterwards."""
        _read(self.fd)


class Pump:
    """Runs the commands of the task with number ``task``, until ``deadline`` (of the monotonic clock)."""

    def __init__(self, channel: Channel, alarm: Alarm, task: int, deadline: float | None) -> None:
        self._channel = channel
        self._alarm = alarm
        self._task = task
        self._deadline = deadline

    def run(self, start: Callable[[], Program], accept: list[int]) -> str:
        """Run one command and kill all that it leaves behind; its error, empty if it ended well.

        Raises StartError, :class:`Cancelled` and ServerGone; no process of the command is left then either.
        """
        if self._deadline is not None and time.monotonic() >= self._deadline:
            return words.DEADLINE
        program = start()
        streams = {program.stdout: Lines(), program.stderr: Lines()}
        try:
            status = self._watch(program, streams)
        finally:
            family.kill(program.pid)
            program.stop_feeding()
            self._finish(streams)
        return words.DEADLINE if status is None else words.ending(status, accept)

    def _watch(self, program: Program, streams: dict[int, Lines]) -> int | None:
        """Until the command itself ends: its wait status, or None at the deadline."""
        readers = {program.stdout, program.stderr, self._channel.fd, self._alarm.fd}
        while True:
            self._obey()
            wait = None if self._deadline is None else self._deadline - time.monotonic()
            if wait is not None and wait <= 0:
                return None
            writers = [] if program.stdin is None else [program.stdin]
            readable, writable, _ = select.select(readers, writers, [], wait)
            if writable:
                program.feed()
            readers -= {fd for fd in streams.keys() & set(readable) if not self._pass_on(fd, streams[fd])}
            if self._channel.fd in readable:
                self._channel.read()
            if self._alarm.fd in readable:
                self._alarm.clear()
                status = family.reap(program.pid)
                if status is not None:
                    return status

    def _obey(self) -> None:
        if any(message.get("cancel") == self._task for message in self._channel.arrived()):
            raise Cancelled

    def _pass_on(self, fd: int, lines: Lines) -> bool:
        """Send what can be read now; False at the end of the stream."""
        data = _read(fd)
        if data is None:
            return True
        self._send(lines.add(data) if data else lines.rest())
        return bool(data)

    def _finish(self, streams: dict[int, Lines]) -> None:
        """Everything is dead: what is in the pipes is all there will be."""
        for fd, lines in streams.items():
            while data := _read(fd):
                self._send(lines.add(data))
            self._send(lines.rest())
            os.close(fd)

    def _send(self, lines: list[str]) -> None:
        if lines:
            self._channel.send(lines=lines)


def _read(fd: int) -> bytes | None:
    """At most one piece; empty at the end, None if there is nothing now."""
    try:
        return os.read(fd, _PIECE)
    except BlockingIOError:
        return None


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """A handler, so that SIGCHLD is delivered at all."""
