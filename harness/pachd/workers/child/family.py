"""Ending every process that a command left behind."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

INIT = 1


def can_adopt() -> bool:
    """Whether the system (Linux) tells a process its children; only then is it of use to adopt orphans."""
    return os.path.exists(_children_file())


def kill(group: int | None) -> None:
    """Kill and reap all descendants; returns when there are none.

    As process 1 of a namespace, or as an adopter of orphans on Linux, none can hide, daemons included. Elsewhere the
    process group of the command is killed, as Pachyderm does.
    """
    if os.getpid() == INIT:
        _kill(-1)
    elif group is not None:
        _kill(-group)
    while True:
        for child in _children():
            _kill(child)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def reap(awaited: int) -> int | None:
    """Reap what has ended; the wait status of ``awaited`` if it was among them."""
    found = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        if pid == awaited:
            found = status


def _kill(target: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # ended already; macOS will not signal a group of zombies
        os.kill(target, signal.SIGKILL)


def _children() -> list[int]:
    """Our children, adopted ones among them, where the system tells."""
    try:
        with open(_children_file(), encoding="ascii") as file:
            return [int(pid) for pid in file.read().split()]
    except FileNotFoundError:
        return []


def _children_file() -> str:
    return f"/proc/self/task/{os.getpid()}/children"
