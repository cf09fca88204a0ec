"""Datums, and the scenarios as a whole."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from python_pachyderm.proto.v2.pps import pps_pb2

from bench.cluster import PROJECT, running
from bench.processes import cost
from bench.table import Row
from harness.data import locate

DATUMS, WORKERS = 500, 10


def datums(runs: int) -> list[Row]:
    """What a datum costs over forking and running its command, in milliseconds."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        client = server.client
        client.create_repo("numbers")
        with client.commit("numbers", "master") as commit, client.modify_file_client(commit) as upload:
            for number in range(DATUMS):
                upload.put_file_from_bytes(f"/{number:04}", b"%d\n" % number)
        samples, floors = [], []
        for run in range(runs):
            floors.append(_forks())
            samples.append((_job(client, f"true-{run}") - floors[-1]) / DATUMS * 1000)
    floor = statistics.median(floors) / DATUMS * 1000
    what = f"overhead of a datum ({WORKERS} workers, `true`, {DATUMS} datums)"
    return [Row(what, "ms", samples, 10, f"fork and run `true` {floor:.2f} ms")]


def suite(runs: int) -> list[Row]:
    """All scenarios, image environments already built."""
    data = locate(None)
    with tempfile.TemporaryDirectory() as folder:
        argv = [sys.executable, "-m", "pytest", "-q", "scenarios", "--report-dir", folder]
        cost(argv, cwd=PROJECT)  # builds the environments
        samples = [cost(argv, cwd=PROJECT).wall for _ in range(runs)]
    return [Row("the whole scenario suite", "s", samples, 60, f"{data.kind} data, {os.cpu_count()} cores")]


def _forks() -> float:
    began = time.perf_counter()
    for _ in range(DATUMS):
        cost(["true"])
    return time.perf_counter() - began


def _job(client: Any, name: str) -> float:
    """Seconds from the request to the finished job, workers' start included."""
    began = time.perf_counter()
    client.create_pipeline(
        name,
        transform=pps_pb2.Transform(cmd=["true"], image="host"),
        parallelism_spec=pps_pb2.ParallelismSpec(constant=WORKERS),
        input=pps_pb2.Input(pfs=pps_pb2.PFSInput(repo="numbers", glob="/*")),
    )
    (job,) = client.list_job(name)
    (done,) = client.inspect_job(job.job.id, name, wait=True)
    if (done.state, done.data_processed) != (pps_pb2.JOB_SUCCESS, DATUMS):
        raise RuntimeError(f"job {name}: {done.data_processed} of {DATUMS} datums, {done.reason}")
    return time.perf_counter() - began
