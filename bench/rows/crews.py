"""Workers: how soon they start, and what setting up a datum costs."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from python_pachyderm.proto.v2.pps import pps_pb2

from bench.cluster import running
from bench.pipelines import create, ended, fill
from bench.table import Row

CREW = 10
LARGE_BYTES, SMALL_BYTES, DATUMS = 2 * 2**30, 2 * 2**10, 20
_PIECE = 2**24


def workers(runs: int) -> list[Row]:
    """From a commit until each worker of a pipeline that had none has begun a datum."""
    samples, bare = [], []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder, running(Path(folder, "cluster")) as server:
            begun, gate = Path(folder, "begun"), Path(folder, "gate")
            begun.mkdir()
            os.mkfifo(gate)
            fill(server.client, "numbers", 0)
            script = f"touch {begun}/$PACH_DATUM_ID; read line < {gate}"  # a worker that has one takes no other
            create(server.client, "gathering", ["sh", "-c", script], "numbers", CREW)
            ended(server.client, "gathering", 0)
            with server.client.commit("numbers", "master") as commit:
                for number in range(CREW):
                    server.client.put_file_bytes(commit, f"/{number}", b"")
            start = time.time()
            while len(list(begun.iterdir())) < CREW:
                time.sleep(0.001)
            samples.append(max(file.stat().st_mtime for file in begun.iterdir()) - start)
            with gate.open("w") as all_readers:
                all_readers.write("\n" * CREW)
            server.client.delete_pipeline("gathering")
        bare.append(_interpreters())
    beside = f"starting so many bare interpreters {statistics.median(bare):.3g} s"
    return [Row(f"{CREW} workers start", "s", samples, 0.5, beside)]


def large_input(runs: int) -> list[Row]:
    """Setting up a datum that gets a large file, which an earlier datum got too, over one that gets a small file."""
    samples = []
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        fill(server.client, "numbers", DATUMS)
        for repo, size in (("large", LARGE_BYTES), ("small", SMALL_BYTES)):
            server.client.create_repo(repo)
            file = _random(Path(folder, "random"), size)
            with file.open("rb") as data:
                server.client.put_file_bytes((repo, "master"), "/file", data)
            file.unlink()
        for run in range(runs):
            first, large = _setups(server.client, "large", run)
            small = _setups(server.client, "small", run)[1]
            samples.append((large - small) * 1000)
            if not run:
                beside = f"making the copy the first time {first:.3g} s"
    what = f"setting up a datum with a {LARGE_BYTES >> 30} GB input over one with {SMALL_BYTES >> 10} KB"
    return [Row(what, "ms", samples, 5, f"{small * 1000:.3g} ms; {beside}")]


def _setups(client: Any, repo: str, run: int) -> tuple[float, float]:
    """Seconds of the first set-up of a job, and the median of the others'."""
    name = f"with-{repo}-{run}"
    leaves = [pps_pb2.PFSInput(name="in", repo="numbers", glob="/*"), pps_pb2.PFSInput(repo=repo, glob="/file")]
    crossed = pps_pb2.Input(cross=[pps_pb2.Input(pfs=leaf) for leaf in leaves])
    create(client, name, ["true"], "", 1, input=crossed)
    info = ended(client, name, DATUMS)
    times = [datum.stats.download_time.ToNanoseconds() / 1e9 for datum in client.list_datum(name, info.job.id)]
    return max(times), statistics.median(times)


def _interpreters() -> float:
    began = time.perf_counter()
    started = [subprocess.Popen([sys.executable, "-I", "-S", "-c", "pass"]) for _ in range(CREW)]
    for each in started:
        each.wait()
    return time.perf_counter() - began


def _random(file: Path, size: int) -> Path:
    with file.open("wb") as written:
        for start in range(0, size, _PIECE):
            written.write(os.urandom(min(_PIECE, size - start)))
    return file
