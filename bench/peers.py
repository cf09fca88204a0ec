"""Tools of others that rows stand beside. They are looked up, not installed: neither belongs to the harness."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    """A command: what the environment variable names, else what is on PATH."""

    name: str
    variable: str
    install: str

    @property
    def command(self) -> str:
        """What to run."""
        return os.environ.get(self.variable) or self.name

    @property
    def found(self) -> bool:
        """Whether it can be run."""
        return shutil.which(self.command) is not None

    @property
    def missing(self) -> str:
        """What to say where it cannot."""
        return f"{self.name} is not installed: {self.install}, or name it in ${self.variable}"


DVC = Peer("dvc", "HARNESS_BENCH_DVC", "`pipx install dvc`")
BORG = Peer("borg", "HARNESS_BENCH_BORG", "`apt install borgbackup`")
SNAKEMAKE = Peer("snakemake", "HARNESS_BENCH_SNAKEMAKE", "`pipx install snakemake`")
