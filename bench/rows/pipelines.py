"""Datums, and the scenarios as a whole."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from pathlib import Path

from bench import workflows
from bench.cluster import PROJECT, running
from bench.peers import DVC, SNAKEMAKE
from bench.pipelines import COPY, fill, timed
from bench.processes import cost
from bench.table import Row
from harness.data import locate

DATUMS, WORKERS = 500, 2
FEW, MANY = 1_000, 10_000


def datums(runs: int) -> list[Row]:
    """What a datum costs over forking and running its command, beside a job of Snakemake and a stage of DVC."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        fill(server.client, "numbers", DATUMS)
        ours, floors, jobs, stages = [], [], [], []
        for run in range(runs):
            floors.append(workflows.forks(DATUMS) / DATUMS)
            ours.append(timed(server.client, f"true-{run}", ["true"], "numbers", WORKERS, DATUMS) / DATUMS - floors[-1])
            jobs += [workflows.snakemake_job(WORKERS) - floors[-1]] if SNAKEMAKE.found else []
            stages += [workflows.dvc_stage() - floors[-1]] if DVC.found else []
    what = f"overhead of a datum (`true`, {DATUMS} datums, {WORKERS} workers)"
    floor = f"fork and run `true` {statistics.median(floors) * 1000:.2f} ms"
    return [
        Row(what, "ms", [each * 1000 for each in ours], 3, floor),
        _times_less(f"{what}, times less than of a Snakemake job", ours, jobs, 10, SNAKEMAKE.missing),
        _times_less(f"{what}, times less than of a DVC stage", ours, stages, 50, DVC.missing),
    ]


def many_datums(runs: int) -> list[Row]:
    """A job of `cp` for each of many files, and what the server's memory grows by from few to many."""
    taken, grown, floors = [], [], []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
            fill(server.client, "few", FEW)
            fill(server.client, "many", MANY)
            timed(server.client, "few-copied", COPY, "few", WORKERS, FEW)
            before = server.memory("VmHWM")
            taken.append(timed(server.client, "many-copied", COPY, "many", WORKERS, MANY))
            grown.append(server.memory("VmHWM") - before)
        floors.append(workflows.forks(FEW) / FEW * MANY)
    beside = f"so many forks of `true`, one after another {statistics.median(floors):.3g} s"
    what = f"{MANY:,} datums of `cp`, {WORKERS} workers"
    return [
        Row(what, "s", taken, 60, beside),
        Row(f"{what}, the server's memory over that of {FEW:,}", "MB", grown, 32, f"after {before:.0f} MB"),
    ]


def suite(runs: int) -> list[Row]:
    """All scenarios, image environments already built."""
    data = locate(None)
    with tempfile.TemporaryDirectory() as folder:
        argv = [sys.executable, "-m", "pytest", "-q", "scenarios", "--report-dir", folder]
        cost(argv, cwd=PROJECT)  # builds the environments
        samples = [cost(argv, cwd=PROJECT).wall for _ in range(runs)]
    return [Row("the whole scenario suite", "s", samples, 60, f"{data.kind} data, {os.cpu_count()} cores")]


def _times_less(what: str, ours: list[float], theirs: list[float], bar: float, missing: str) -> Row:
    ratios = [their / our for our, their in zip(ours, theirs, strict=False)]
    beside = f"{statistics.median(theirs) * 1000:.3g} ms" if theirs else missing
    return Row(what, "", ratios, bar, beside, at_least=True)
