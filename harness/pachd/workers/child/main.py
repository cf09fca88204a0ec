"""A worker process: a guard that outlives the worker proper, so that nothing of it stays behind, and its loop."""

from __future__ import annotations

import os
import signal
import sys
import time

from harness.pachd.workers.child import family, trees, views, words
from harness.pachd.workers.child.channel import Channel, ServerGone
from harness.pachd.workers.child.harvest import DeadLinkError
from harness.pachd.workers.child.program import Owner, Program, StartError
from harness.pachd.workers.child.pump import Alarm, Cancelled, Pump

TYPE_CHECKING = False
if TYPE_CHECKING:
    from harness.pachd.workers.child.channel import Message

    View = views.PrivateView | views.RewrittenView


def main(fd: int) -> None:
    """Serve the server at the other end of socket ``fd`` until it closes or dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server decides when to end
    channel = Channel(fd)
    try:
        setup = channel.receive()
    except ServerGone:
        return
    try:
        if setup["namespaces"]:
            from harness.pachd.workers.child import root  # exists on Linux only

            root.isolate()
        _adopt_orphans()
        worker = os.fork()
    except OSError as error:
        channel.send(broken=str(error))
        return
    if worker == 0:
        _serve(channel, setup)
    _guard(worker, setup["scratch"])


def _guard(worker: int, scratch: str) -> None:
    """Wait for the worker proper, however it ends, and remove what it leaves."""
    os.waitpid(worker, 0)
    family.kill(None)
    trees.remove(scratch)


def _serve(channel: Channel, setup: Message) -> None:
    """The worker proper, process 1 of its namespace where there is one. Never returns."""
    try:
        _die_with_guard(bool(setup["namespaces"]))
        _adopt_orphans()
        _loop(channel, setup)
    except ServerGone:
        pass
    except Exception as error:  # noqa: BLE001 -- the server has to hear of it, whatever it is
        channel.send(broken=f"{type(error).__name__}: {error}")
    finally:
        family.kill(None)
        os._exit(0)


def _loop(channel: Channel, setup: Message) -> None:
    make = views.PrivateView if setup["namespaces"] else views.RewrittenView
    view = make(setup["scratch"], setup["files"], setup["workdir"], setup["mounts"])
    alarm = Alarm()
    while True:
        message = channel.receive()
        if "task" in message:  # or a cancellation that came too late
            _run(channel, alarm, view, message)


def _run(channel: Channel, alarm: Alarm, view: View, task: Message) -> None:
    """One attempt: its world, its command, after a failure its error command; then the report to the server."""
    begin = time.monotonic()
    error, recovered, cancelled = "", False, False
    deadline = None if task["timeout"] is None else begin + task["timeout"]
    pump = Pump(channel, alarm, task["task"], deadline)
    ready = begin
    try:
        owner = Owner(task["user"]) if task["user"] else None
        env = task["image_env"] | view.open(task["task"], task["inputs"], task["env"], owner)
        ready = time.monotonic()
        error = _command(pump, view, task, env, owner, task["command"])
        if error and task["error_command"]:
            recovered = not _command(pump, view, task, env, owner, task["error_command"])
        if not error:
            view.harvest()
    except Cancelled:
        error, cancelled = words.CANCELLED, True
    except (
        StartError,
        DeadLinkError,
        OSError,
    ) as failure:  # no such user; no room for the mounts or for a linked output
        error = str(failure)
    ended = time.monotonic()
    view.close()
    channel.send(
        done=task["task"],
        error=error,
        recovered=recovered,
        cancelled=cancelled,
        output=view.output,
        preparing=ready - begin,
        running=ended - ready,
    )


def _command(pump: Pump, view: View, task: Message, env: dict[str, str], owner: Owner | None, command: Message) -> str:
    """Run the command or the error command; its error, empty if it ended well."""
    cwd = view.directory(task["cwd"])
    argv = [view.shown(word) for word in command["argv"]]
    stdin = view.shown(command["stdin"]).encode("utf-8", "surrogateescape")
    shown = {name: view.shown(value) for name, value in env.items()} | {"PWD": cwd}
    try:
        return pump.run(lambda: Program(argv, stdin, cwd, shown, owner), task["accept"])
    except StartError as failure:
        return str(failure)


def _adopt_orphans() -> None:
    if family.can_adopt():
        from harness.pachd.workers.child import linux  # exists on Linux only

        linux.adopt_orphans()


def _die_with_guard(namespaces: bool) -> None:
    """When the guard is killed: die at once, taking the namespace along; without one, end in order."""
    if not sys.platform.startswith("linux"):
        return
    from harness.pachd.workers.child import linux  # exists on Linux only

    if not namespaces:
        signal.signal(signal.SIGTERM, _stop)
    linux.die_with_parent(signal.SIGKILL if namespaces else signal.SIGTERM)


def _stop(_number: int, _frame: object) -> None:
    raise ServerGone
