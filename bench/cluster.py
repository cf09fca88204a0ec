"""Servers for measuring, each a process of its own: an embedded cluster as users start one, or a yardstick."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import python_pachyderm

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).resolve().parent.parent
NO_CALL_AFTER = 30.0  # seconds
QUIET_SECONDS = 1.0


@dataclass(frozen=True)
class Running:
    """A server that answers. ``seconds_to_first_answer`` counts from the start of its process."""

    client: Any
    address: str
    token: str
    pid: int
    seconds_to_first_answer: float

    def memory(self, field: str = "VmRSS") -> float:
        """Resident megabytes; ``VmHWM`` for the most so far."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        (line,) = (line for line in status.splitlines() if line.startswith(f"{field}:"))
        return int(line.split()[1]) / 1024

    def settle(self) -> None:
        """Return when the server has had nothing to do for a moment: it collects garbage at its start."""
        before = -1.0
        while (now := self.cpu()) != before:
            before = now
            time.sleep(QUIET_SECONDS)

    def cpu(self) -> float:
        """Seconds of CPU so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def connect(address: str, token: str) -> Any:
    """A python_pachyderm client."""
    host, port = address.split(":")
    return python_pachyderm.Client(host, int(port), auth_token=token)


@contextmanager
def running(root: Path) -> Iterator[Running]:
    """An embedded cluster on ``root`` for as long as the block runs."""
    argv = ["harness.pachd", "--root", str(root), "--images", str(PROJECT / "images")]
    with _started([*argv, "--allow-host-images", "--with-parent"]) as server:
        yield server


@contextmanager
def yardstick(root: Path) -> Iterator[Running]:
    """The bare server of :mod:`bench.yardsticks.bare` on the folder ``root``."""
    with _started(["bench.yardsticks.bare", str(root)]) as server:
        yield server


@contextmanager
def _started(argv: list[str]) -> Iterator[Running]:
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", *argv],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            line = json.loads(server.stdout.readline()) if server.stdout else {}
            client = connect(line["address"], line["token"])
            client.get_remote_version()
            taken = time.perf_counter() - began
            yield Running(client, line["address"], line["token"], line["pid"], taken)
        finally:
            server.terminate()
            server.wait(NO_CALL_AFTER)
