"""Timing whole processes from outside."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """What one process took: seconds on the clock and seconds of CPU, its children's included."""

    wall: float
    cpu: float


def cost(argv: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Cost:
    """Run ``argv`` to its end. Raises ``CalledProcessError`` with its output when it fails."""
    began = time.perf_counter()
    with subprocess.Popen(argv, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        output = process.stdout.read() if process.stdout else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, list(argv), output)
    return Cost(wall, usage.ru_utime + usage.ru_stime)


def median(runs: int, measure: Callable[[], float]) -> float:
    """The middle of ``runs`` measurements."""
    return statistics.median(measure() for _ in range(runs))
