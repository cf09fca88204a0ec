"""Running programs: feeding them, passing on what they print, stopping them in time."""

from __future__ import annotations

import os
import select
import signal
import time

from harness.pachd.workers.child import family, words
from harness.pachd.workers.child.lines import Lines
from harness.pachd.workers.child.program import OverrunError, StartError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from harness.pachd.workers.child.channel import Channel
    from harness.pachd.workers.child.memory import MemoryLimit
    from harness.pachd.workers.child.pipes import Pipes
    from harness.pachd.workers.child.program import Program

_PIECE = 1 << 16
_LONGEST_WAIT = 3600  # seconds; poll takes no more than some weeks, a datum may be given centuries


class Cancelled(Exception):  # noqa: N818 -- an event, named as such
    """The server cancelled the running task."""


class Alarm:
    """Wakes a ``poll`` when a child ends: SIGCHLD writes to a pipe."""

    def __init__(self) -> None:
        self.fd, wake = os.pipe()
        os.set_blocking(self.fd, False)
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, _nothing)

    def clear(self) -> None:
        """Forget what has rung; look for ended children afterwards."""
        _read(self.fd)


class Live:
    """A program that was started, and the ends of its lines that are still to come."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.streams = {program.stdout: Lines(), program.stderr: Lines()}
        self.open = set(self.streams)


class Pump:
    """Runs the programs of the task with number ``task``."""

    def __init__(self, channel: Channel, alarm: Alarm, task: int, pipes: Pipes | None) -> None:
        self.memory: MemoryLimit | None = None
        self._asked: str | None = None
        self._pipes = pipes
        self._deadline: float | None = None  # of the monotonic clock
        self._channel = channel
        self._alarm = alarm
        self._task = task

    def allow(self, seconds: float | None) -> None:
        """Stop what runs so many seconds from now."""
        self._deadline = None if seconds is None else time.monotonic() + seconds

    def run(self, start: Callable[[], Program], accept: list[int]) -> str:
        """Run one command and kill all that it leaves behind; its error, empty if it ended well.

        Raises :class:`Cancelled` and ServerGone; no process of the command is left then either.
        """
        try:
            self._wait()
            live = Live(start())
            try:
                status = self.follow(live)
            finally:
                self.end(live)
        except (OverrunError, StartError) as failure:
            return str(failure)
        return "" if status is None else words.ending(status, accept)

    def follow(self, live: Live) -> int | None:
        """Until the program ends: its wait status. Or until it asks for its next datum: None.

        Raises :class:`OverrunError`, :class:`Cancelled` and ServerGone, and leaves it running then.
        """
        self._alarm.clear()  # it may have ended while nobody listened
        status = family.reap(live.program.pid)
        while status is None:
            self._obey()
            if self._asked is not None:
                return None
            ready = {fd for fd, _ in self._poll(live).poll(self._wait())}
            self._serve(live, ready)
            if self._alarm.fd in ready:
                self._alarm.clear()
                status = family.reap(live.program.pid)
        return status

    def told(self) -> str:
        """The error that the program told of its last datum when it asked for the next one; empty if there was none."""
        error, self._asked = self._asked, None
        return error or ""

    def end(self, live: Live) -> None:
        """Kill the program and all that it left; pass on the rest of what they printed."""
        family.kill(live.program.pid)
        live.program.stop_feeding()
        for fd, lines in live.streams.items():
            while data := _read(fd):
                self._send(lines.add(data))
            self._send(lines.rest())
            os.close(fd)

    def _poll(self, live: Live) -> select.poll:
        poll = select.poll()
        for fd in (*live.open, self._channel.fd, self._alarm.fd):
            poll.register(fd, select.POLLIN)
        if self._pipes is not None:
            poll.register(self._pipes.fd, select.POLLIN)
        if live.program.stdin is not None:
            poll.register(live.program.stdin, select.POLLOUT)
        return poll

    def _serve(self, live: Live, ready: set[int]) -> None:
        if live.program.stdin in ready:
            live.program.feed()
        live.open -= {fd for fd in live.open & ready if not self._pass_on(fd, live.streams[fd])}
        if self._channel.fd in ready:
            self._channel.read()
        if self._pipes is not None and self._pipes.fd in ready:
            self._channel.send(opened=self._pipes.opened())

    def _wait(self) -> float | None:
        """For how many milliseconds nothing has to be looked at; raises :class:`OverrunError`."""
        waits = []
        if self._deadline is not None:
            waits.append(self._deadline - time.monotonic())
            if waits[0] <= 0:
                raise OverrunError(words.DEADLINE)
        if self.memory is not None:
            waits.append(self.memory.look())
        return min(*waits, _LONGEST_WAIT) * 1000 + 1 if waits else None

    def _obey(self) -> None:
        for message in self._channel.arrived():
            if message.get("cancel") == self._task:
                raise Cancelled
            if "next" in message:
                self._asked = message["next"]
            elif self._pipes is not None and "serving" in message:
                self._pipes.serving(message["serving"])
            elif self._pipes is not None and "served" in message:
                self._pipes.served(message["served"])

    def _pass_on(self, fd: int, lines: Lines) -> bool:
        """Send what can be read now; False at the end of the stream."""
        data = _read(fd)
        if data is None:
            return True
        self._send(lines.add(data) if data else lines.rest())
        return bool(data)

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
