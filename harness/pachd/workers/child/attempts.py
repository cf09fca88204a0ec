"""The attempts that a worker makes at datums: each in a world of its own, each reported to the server."""

from __future__ import annotations

import time

from harness.pachd.workers.child import words
from harness.pachd.workers.child.batch import Batch
from harness.pachd.workers.child.harvest import DeadLinkError
from harness.pachd.workers.child.program import Owner, Program, StartError
from harness.pachd.workers.child.pump import Alarm, Cancelled, Pump

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.pachd.workers.child.channel import Channel, Message
    from harness.pachd.workers.child.private_view import PrivateView
    from harness.pachd.workers.child.rewritten_view import RewrittenView

    View = PrivateView | RewrittenView


class Attempts:
    """Makes them one after another."""

    def __init__(self, channel: Channel, view: View, env: dict[str, str]) -> None:
        """``env`` is the image's environment."""
        self._env = env
        self._channel = channel
        self._view = view
        self._alarm = Alarm()
        self._batch: Batch | None = None

    def run(self, task: Message) -> None:
        """One attempt: its world, its command, after a failure its error command; then the report to the server."""
        begin = time.monotonic()
        error, recovered, cancelled = "", False, False
        if self._batch is not None and self._batch.number != task["batch"]:
            self.end_batch()
        ready = begin
        try:
            owner = Owner(task["user"]) if task["user"] else None
            env = self._env | task["door"] | self._view.open(task, owner)
            env["PATH"] = f"{env.get('PATH', '')}:{self._view.programs}"
            ready = time.monotonic()
            error, recovered = self._commands(task, env, owner)
            if not error:
                self._view.harvest()
        except Cancelled:
            error, cancelled = words.CANCELLED, True
        except (StartError, DeadLinkError, OSError) as failure:  # no such user, say, or no room for a linked output
            error = str(failure)
        ended = time.monotonic()
        self._view.close(batch=self._batch is not None and self._batch.lives)
        self._channel.send(
            done=task["task"],
            error=error,
            recovered=recovered,
            cancelled=cancelled,
            output=self._view.output,
            preparing=ready - begin,
            running=ended - ready,
        )

    def end_batch(self) -> None:
        """Kill the program that waits for another datum of its batch."""
        if self._batch is not None:
            self._batch.end()
            self._batch = None
            self._view.close(batch=False)

    def _commands(self, task: Message, env: dict[str, str], owner: Owner | None) -> tuple[str, bool]:
        """Run the command, and the error command if it fails: the error, and whether that was recovered from."""
        pump = Pump(self._channel, self._alarm, task["task"], self._view.pipes)
        if task["memory"]:
            from harness.pachd.workers.child.memory import MemoryLimit  # few have one

            pump.memory = MemoryLimit(*task["memory"])
        start = self._starter(task, task["command"], env, owner)
        if task["batch"]:
            self._batch = self._batch or Batch(task["batch"], self._channel)
            error = self._batch.run(pump, start, env, task["timeout"])
        else:
            pump.allow(task["timeout"])
            error = pump.run(start, task["accept"])
        if not error or not task["error_command"]:
            return error, False
        start = self._starter(task, task["error_command"], env, owner)
        return error, not pump.run(start, task["accept"])

    def _starter(
        self, task: Message, command: Message, env: dict[str, str], owner: Owner | None
    ) -> Callable[[], Program]:
        view = self._view
        cwd = view.directory(task["cwd"])
        argv = [view.shown(word) for word in command["argv"]]
        stdin = view.shown(command["stdin"]).encode("utf-8", "surrogateescape")
        shown = {name: view.shown(value) for name, value in env.items()} | {"PWD": cwd}
        return lambda: Program(argv, stdin, cwd, shown, owner)
