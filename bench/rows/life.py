"""The server process itself."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench.cluster import running
from bench.processes import cost, median
from bench.table import Row


def start(runs: int) -> list[Row]:
    """Start of the server process to its first answered call."""
    with tempfile.TemporaryDirectory() as folder:
        samples = []
        for run in range(runs):
            with running(Path(folder) / str(run)) as server:
                samples.append(server.seconds_to_first_answer)
    imports = median(runs, lambda: cost([sys.executable, "-c", "import python_pachyderm"]).wall)
    return [
        Row("server start to first answered call", "s", samples, 0.5, f"importing python_pachyderm {imports:.2f} s")
    ]


def idle_memory(runs: int) -> list[Row]:
    """Resident memory of a server that has answered one call."""
    with tempfile.TemporaryDirectory() as folder:
        samples = []
        for run in range(runs):
            with running(Path(folder) / str(run)) as server:
                samples.append(server.memory())
    return [Row("memory of the idle server", "MB", samples, 120)]
