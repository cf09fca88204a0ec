"""How Go words the end of a command; Pachyderm logs these texts and clients match on them (os/exec, syscall)."""

from __future__ import annotations

import os
import signal

DEADLINE = "context deadline exceeded"
CANCELLED = "context canceled"

_SIGNALS = {
    "SIGHUP": "hangup",
    "SIGINT": "interrupt",
    "SIGQUIT": "quit",
    "SIGILL": "illegal instruction",
    "SIGTRAP": "trace/breakpoint trap",
    "SIGABRT": "aborted",
    "SIGBUS": "bus error",
    "SIGFPE": "floating point exception",
    "SIGKILL": "killed",
    "SIGUSR1": "user defined signal 1",
    "SIGSEGV": "segmentation fault",
    "SIGUSR2": "user defined signal 2",
    "SIGPIPE": "broken pipe",
    "SIGALRM": "alarm clock",
    "SIGTERM": "terminated",
}


def ending(status: int, accept: list[int]) -> str:
    """The error of a command that ended with wait status ``status``; empty if it ended well."""
    if os.WIFEXITED(status):
        code = os.WEXITSTATUS(status)
        return "" if code == 0 or code in accept else f"exit status {code}"
    number = os.WTERMSIG(status)
    try:
        text = _SIGNALS[signal.Signals(number).name]
    except (KeyError, ValueError):
        text = f"signal {number}"
    return f"signal: {text}" + (" (core dumped)" if os.WCOREDUMP(status) else "")


def exited_early(status: int) -> str:
    """The error of a program with datum batching that ended by itself with wait status ``status``."""
    how = ending(status, [])
    return "error running user code: user code exited prematurely" + (f": {how}" if how else "")


def not_found(name: str) -> str:
    """No such executable on PATH."""
    return f'exec: "{name}": executable file not found in $PATH'


def not_started(stage: str, path: str, number: int) -> str:
    """``stage`` is ``chdir`` or ``fork/exec``, ``number`` an errno."""
    text = os.strerror(number)
    return f"{stage} {path}: {text[:1].lower()}{text[1:]}"
