"""The server as a process: what it says when it is up, how it ends, and ending it."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import time
from contextlib import suppress
from typing import IO, Any

from harness.clusters.cluster import ClusterError

SECONDS_TO_STOP = 15.0
SECONDS_TO_DIE = 2.0  # after closing its output


def announcement(process: subprocess.Popen[bytes], seconds: float) -> dict[str, Any]:
    """The server's JSON line. Raises :class:`ClusterError` when it ends before, says something else, or takes long."""
    assert process.stdout is not None  # noqa: S101 -- we asked for a pipe
    line = _read_line(process.stdout, time.monotonic() + seconds)
    if line is None:
        raise ClusterError(f"it did not answer within {seconds:g} s")
    if not line:
        raise ClusterError(how_it_ended(process, SECONDS_TO_DIE) or "it closed its output and went on")
    try:
        answer = json.loads(line)
        return {name: answer[name] for name in ("address", "token", "isolation")}
    except (ValueError, TypeError, KeyError):
        raise ClusterError(f"it began with {line[:200]!r} instead of its JSON line") from None


def how_it_ended(process: subprocess.Popen[bytes], seconds: float) -> str:
    """In words, for behind "it"; empty where it has not ended within so many seconds."""
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        return ""
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended by itself with exit code {code}"


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to stop, kill it if it does not, and close its pipes."""
    process.terminate()
    try:
        process.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(BrokenPipeError):
                stream.close()


def _read_line(stream: IO[bytes], deadline: float) -> bytes | None:
    """The first line, what there was before the end of the stream, or None after the deadline."""
    found = b""
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while not found.endswith(b"\n"):
            if not selector.select(max(0.0, deadline - time.monotonic())):
                return None
            piece = os.read(stream.fileno(), 4096)
            if not piece:
                break
            found += piece
    return found
