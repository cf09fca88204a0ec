"""Servers on a disk that fails: ``faults/`` built, loaded into real server processes, its notes read."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.clusters import EmbeddedCluster, Options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.clusters import Cluster

SOURCES = sorted((Path(__file__).parent / "faults").glob("*.c"))


@dataclass(frozen=True)
class Fault:
    """What happens at operation number ``at`` (1 is the first) on the server's disk; see ``faults/faults.h``."""

    kind: str
    at: int
    count: int = 1
    every: int = 0
    seed: int = 0

    def __str__(self) -> str:
        return f"{self.kind} at operation {self.at}" + (f", seed {self.seed}" if self.kind == "reorder" else "")


@dataclass(frozen=True)
class Operation:
    """What a server did to its disk: ``what``, and ``where``: the file, numbers and random names left out."""

    what: str
    where: str

    def __str__(self) -> str:
        return f"{self.what} {self.where}"


class FailingDisk:
    """A data directory in ``folder``, and servers on it whose disk fails when told to."""

    def __init__(self, library: Path, folder: Path) -> None:
        self.root = folder / "root"
        self.root.mkdir(parents=True)
        self._library = library
        self._trace = folder / "trace"

    @contextmanager
    def server(self, fault: Fault | None = None) -> Iterator[Cluster]:
        """A server whose operations are counted. Raises ClusterError where the fault ends it before it answers."""
        command = (*self._watched(fault), "-m", "harness.pachd")
        with EmbeddedCluster(Options(root=self.root, allow_host_images=True, command=command)) as cluster:
            yield cluster

    def run(self, script: str, fault: Fault | None = None) -> int:
        """Run a Python script in the data directory, watched like a server; gives its exit code."""
        return subprocess.run([*self._watched(fault), "-c", script], cwd=self.root, check=False).returncode

    def operations(self) -> list[Operation]:
        """What the last server did to the disk, in order; the one at which its disk failed is the last."""
        lines = [line.split(" ", 2) for line in self._trace.read_text(encoding="utf-8").splitlines()]
        return [Operation(line[1], _sort(line[2])) for line in lines if len(line) > 2]

    def ended(self) -> bool:
        """Whether the fault ended the last server."""
        return len(self._trace.read_text(encoding="utf-8").splitlines()[-1].split(" ")) == 2

    def _watched(self, fault: Fault | None) -> list[str]:
        """The beginning of a command line: Python on this disk."""
        self._trace.unlink(missing_ok=True)
        setting = {"LD_PRELOAD": self._library, "FAULT_ROOT": self.root, "FAULT_TRACE": self._trace}
        if fault is not None:
            setting |= {f"FAULT_{name.upper()}": value for name, value in vars(fault).items()}
        return ["env", *(f"{name}={value}" for name, value in setting.items()), sys.executable]


def build(folder: Path) -> Path:
    """The library, compiled into ``folder``. Raises CalledProcessError."""
    library = folder / "faults.so"
    flags = ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread"]
    subprocess.run(["cc", *flags, "-o", library, *SOURCES], check=True)
    return library


def _sort(path: str) -> str:
    return re.sub(r"tmp\w+|[0-9a-f]{32,}|\d+", "*", path) or "/"
