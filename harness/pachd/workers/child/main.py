"""A worker process: a guard that outlives the worker proper, so that nothing of it stays behind, and its loop."""

from __future__ import annotations

import os
import signal
import sys

from harness.pachd.workers.child import family, programs, trees
from harness.pachd.workers.child.attempts import Attempts
from harness.pachd.workers.child.channel import Channel, ServerGone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from harness.pachd.workers.child.attempts import View
    from harness.pachd.workers.child.channel import Message


def main(fd: int) -> None:
    """Serve the server at the other end of socket ``fd`` until it closes or dies."""
    signal.signal(signal.SIGINT, _leave_it)
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
    view = _kind_of_view(bool(setup["namespaces"]))(
        setup["scratch"], setup["files"], setup["workdir"], setup["mounts"], setup["links"]
    )
    programs.install(view.programs, setup["python"], setup["packages"])
    attempts = Attempts(channel, view, setup["env"])
    while True:
        message = channel.receive()
        if "task" in message:  # or a cancellation that came too late
            attempts.run(message)
        elif "end_batch" in message:
            attempts.end_batch()
            channel.send(batch_ended=True)


def _kind_of_view(namespaces: bool) -> type[View]:
    if namespaces:
        from harness.pachd.workers.child.private_view import PrivateView  # exists on Linux only

        return PrivateView
    from harness.pachd.workers.child.rewritten_view import RewrittenView  # needs a module that takes long to import

    return RewrittenView


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


def _leave_it(_number: int, _frame: object) -> None:
    """The server decides when to end. What is ignored would remain so in the commands, what is handled does not."""


def _stop(_number: int, _frame: object) -> None:
    raise ServerGone
