"""What other workflow tools take for a step of `true`, for rows that stand beside them."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path

from bench.peers import DVC, SNAKEMAKE
from bench.processes import cost

QUIET = {**os.environ, "DVC_NO_ANALYTICS": "1"}
JOBS, STAGES = 500, 50

_SNAKEFILE = """
rule all:
    input: expand("done/{{number}}", number=range({number}))
rule one:
    output: touch("done/{{number}}")
    shell: "true"
"""


def forks(number: int) -> float:
    """Seconds for forking and running `true` so often, one after another."""
    began = time.perf_counter()
    for _ in range(number):
        cost(["true"])
    return time.perf_counter() - began


def snakemake_job(workers: int) -> float:
    """Seconds of Snakemake for each of many jobs, its start left out."""
    return (_snakemake(JOBS, workers) - _snakemake(1, workers)) / (JOBS - 1)


def dvc_stage() -> float:
    """Seconds of `dvc repro` for each of some stages that have a file each, as datums do; its start left out."""
    return (_dvc(STAGES) - _dvc(1)) / (STAGES - 1)


def _snakemake(number: int, workers: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "Snakefile").write_text(_SNAKEFILE.format(number=number), encoding="ascii")
        argv = [SNAKEMAKE.command, "--cores", str(workers), "--quiet", "all"]
        return cost(argv, cwd=Path(folder), env=QUIET).wall


def _dvc(number: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([DVC.command, "init", "-q", "--no-scm"], cwd=folder, env=QUIET, check=True)
        for each in range(number):
            Path(folder, f"{each}.txt").write_text(f"{each}\n", encoding="ascii")
        stages = "".join(f"  s{each}:\n    cmd: 'true'\n    deps: [{each}.txt]\n" for each in range(number))
        Path(folder, "dvc.yaml").write_text(f"stages:\n{stages}", encoding="ascii")
        return cost([DVC.command, "repro", "-q"], cwd=Path(folder), env=QUIET).wall
