"""The program ``pachctl`` that a command finds on its PATH: ``pachctl next datum`` for datum batching.

Everything else is the business of a real pachctl, if the image has one.
"""

from __future__ import annotations

import json
import os
import socket
import sys

PORT = "PPS_WORKER_LINES_PORT"
OVER = "the worker has ended the datum set"

_USAGE = "usage: pachctl next datum [--error MESSAGE]"


def main() -> None:
    """Do what the command line says; ends the process."""
    arguments = sys.argv[1:]
    if arguments[:2] != ["next", "datum"]:
        _hand_on(arguments)
    sys.exit(_next(_error(arguments[2:])) or 0)


def _error(arguments: list[str]) -> str:
    if not arguments:
        return ""
    name, equals, text = arguments[0].partition("=")
    if name == "--error" and len(arguments) == (1 if equals else 2):
        return text if equals else arguments[1]
    sys.exit(_USAGE)


def _next(error: str) -> str:
    """Wait for the next datum; the error, empty if it is there."""
    port = os.environ.get(PORT)
    if port is None:
        return "datum batching not enabled"
    try:
        with socket.create_connection(("127.0.0.1", int(port))) as connection, connection.makefile("rw") as lines:
            lines.write(json.dumps({"error": error}) + "\n")
            lines.flush()
            answer = lines.readline()
    except OSError as failure:
        return f"the worker does not answer: {failure}"
    return str(json.loads(answer)["error"]) if answer else OVER


def _hand_on(arguments: list[str]) -> None:
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        candidate = os.path.join(folder, "pachctl")
        if os.access(candidate, os.X_OK) and not _ours(candidate):
            os.execv(candidate, [candidate, *arguments])  # noqa: S606 -- as it was called
    sys.exit(
        "pachctl: there is no real pachctl on PATH, and this one, of the embedded cluster, only knows its part of "
        f"datum batching\n{_USAGE}"
    )


def _ours(candidate: str) -> bool:
    with open(candidate, "rb") as file:
        return b"harness.pachd.workers.child.pachctl" in file.read(1000)
