"""A server as a user starts it: a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import python_pachyderm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DEADLINE = 30.0  # seconds; a server that takes longer to start or stop hangs


@dataclass
class Process:
    """A started server: what it announced, and its process."""

    popen: subprocess.Popen[str]
    said: dict[str, Any]

    def client(self, token: str | None = None) -> Any:
        host, port = self.said["address"].split(":")
        return python_pachyderm.Client(host, int(port), auth_token=token or self.said["token"])

    def logged(self, text: str) -> Iterator[str]:
        """The lines of its log that hold ``text``, as they come. A server that is silent for too long is ended."""
        watch = threading.Timer(DEADLINE, self.popen.kill)
        watch.start()
        try:
            yield from (line for line in self.popen.stderr or () if text in line)
        finally:
            watch.cancel()
        raise AssertionError(f"the log ended before {DEADLINE:.0f} s had passed, or waited so long for: {text}")

    def stop(self) -> int:
        self.popen.terminate()
        return self.popen.wait(DEADLINE)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Start servers; each is stopped at the end whatever happened."""
    started: list[Process] = []

    def begin(*options: str, root: Path = tmp_path / "root") -> Process:
        argv = [sys.executable, "-m", "harness.pachd", "--root", str(root), "--cache", str(tmp_path / "cache")]
        popen = subprocess.Popen(
            [*argv, "--allow-host-images", "--with-parent", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "HARNESS_TEST": str(tmp_path)},
        )
        line = popen.stdout.readline() if popen.stdout else ""
        process = Process(popen, json.loads(line) if line else {})
        started.append(process)
        return process

    yield begin
    for process in started:
        process.popen.kill()
        process.popen.wait(DEADLINE)
        for stream in (process.popen.stdin, process.popen.stdout, process.popen.stderr):
            if stream is not None:
                stream.close()
