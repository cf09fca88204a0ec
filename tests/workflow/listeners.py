"""Witnesses of workflows."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.clusters import Cluster


class Listener:
    """A witness that remembers."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.puts: list[tuple[str, str, str, str, str]] = []

    def tell(self, line: str) -> None:
        self.lines.append(line)

    def put(self, repo: str, commit: str, path: str, sha256: str, project: str) -> None:
        self.puts.append((repo, commit, path, sha256, project))


class Killer(Listener):
    """A witness that kills the server as soon as a job runs."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__()
        self._pid = cluster.pid

    def tell(self, line: str) -> None:
        if "running" in line:
            assert self._pid is not None
            os.kill(self._pid, signal.SIGKILL)
