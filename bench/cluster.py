"""An embedded cluster for measuring, started as a user's program would start one."""

from __future__ import annotations

import json
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


@dataclass(frozen=True)
class Running:
    """A server that answers. ``seconds_to_first_answer`` counts from the start of its process."""

    client: Any
    pid: int
    seconds_to_first_answer: float


@contextmanager
def running(root: Path) -> Iterator[Running]:
    """A server on ``root`` for as long as the block runs."""
    began = time.perf_counter()
    argv = [sys.executable, "-m", "harness.pachd", "--root", str(root), "--images", str(PROJECT / "images")]
    with subprocess.Popen(
        [*argv, "--allow-host-images", "--with-parent"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            line = json.loads(server.stdout.readline()) if server.stdout else {}
            host, port = line["address"].split(":")
            client = python_pachyderm.Client(host, int(port), auth_token=line["token"])
            client.get_remote_version()
            yield Running(client, line["pid"], time.perf_counter() - began)
        finally:
            server.terminate()
            server.wait(NO_CALL_AFTER)
