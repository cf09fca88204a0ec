"""What is measured. Each function gives one row of the table and takes the number of runs."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from python_pachyderm.proto.v2.pps import pps_pb2

from bench.cluster import PROJECT, running
from bench.processes import cost
from bench.table import Row
from harness.data import DataSet, locate
from harness.pachd.__main__ import default_cache
from harness.pachd.workers.images import ImageLibrary

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.pachd.workers.contract import PreparedImage

NEON_CPU_SECONDS = 6.5  # real neon 2.6.0, one epoch on the same reviews, at best, on a machine like this one
DATUMS, WORKERS = 500, 10


def start(runs: int) -> Row:
    """Start of the server process to its first answered call."""
    with tempfile.TemporaryDirectory() as folder:
        samples = []
        for run in range(runs):
            with running(Path(folder) / str(run)) as server:
                samples.append(server.seconds_to_first_answer)
    imports = _median(runs, lambda: cost([sys.executable, "-c", "import python_pachyderm"]).wall)
    return Row("server start to first answered call", "s", samples, 0.5, f"importing python_pachyderm {imports:.2f} s")


def idle_memory(runs: int) -> Row:
    """Resident memory of a server that has answered one call."""
    with tempfile.TemporaryDirectory() as folder:
        samples = []
        for run in range(runs):
            with running(Path(folder) / str(run)) as server:
                samples.append(_resident_megabytes(server.pid))
    return Row("memory of the idle server", "MB", samples, 120)


def training(runs: int) -> Row:
    """One epoch on one thread, in CPU seconds of the whole process."""
    data = locate(None)
    with tempfile.TemporaryDirectory() as folder:
        image = _image("training", folder)
        samples = [_in_image(image, _train(data, folder)) for _ in range(runs)]
    ratio = statistics.median(samples) / NEON_CPU_SECONDS
    beside = f"real neon {NEON_CPU_SECONDS} s (recorded): {ratio:.2f} of it; {data.kind} data"
    return Row("training, 1 epoch, CPU", "s", samples, 0.6 * NEON_CPU_SECONDS, beside)


def inference(runs: int) -> Row:
    """One review in a cold process, on the clock."""
    data = locate(None)
    with tempfile.TemporaryDirectory() as folder:
        _in_image(_image("training", folder), _train(data, folder))
        reviews = Path(folder) / "reviews"
        reviews.mkdir()
        (reviews / "1.txt").write_bytes(data.reviews[0].read_bytes())
        argv = ["python", "examples/imdb/auto_inference.py", "--model_weights", f"{folder}/imdb.p"]
        argv += ["--vocab_file", f"{folder}/imdb.vocab", "--review_files", str(reviews), "--output_dir", folder]
        image = _image("inference", folder)
        samples = [_in_image(image, argv, wall=True) for _ in range(runs)]
        numpy = _median(runs, lambda: _in_image(image, ["python", "-c", "import numpy"], wall=True))
    return Row("inference of one review, cold process", "s", samples, 0.25, f"importing NumPy {numpy:.2f} s")


def datums(runs: int) -> Row:
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
    return Row(what, "ms", samples, 10, f"fork and run `true` {floor:.2f} ms")


def suite(runs: int) -> Row:
    """All scenarios, image environments already built."""
    data = locate(None)
    with tempfile.TemporaryDirectory() as folder:
        argv = [sys.executable, "-m", "pytest", "-q", "scenarios", "--report-dir", folder]
        cost(argv, cwd=PROJECT)  # builds the environments
        samples = [cost(argv, cwd=PROJECT).wall for _ in range(runs)]
    return Row("the whole scenario suite", "s", samples, 60, f"{data.kind} data, {os.cpu_count()} cores")


ALL: dict[str, Callable[[int], Row]] = {
    function.__name__: function for function in (start, idle_memory, training, inference, datums, suite)
}


def _median(runs: int, measure: Callable[[], float]) -> float:
    return statistics.median(measure() for _ in range(runs))


def _image(name: str, folder: str) -> PreparedImage:
    library = ImageLibrary((PROJECT / "images",), default_cache() / "images", allow_host=False)
    return library.prepare(name, lambda line: print(line, file=sys.stderr), Path(folder))


def _train(data: DataSet, folder: str) -> list[str]:
    argv = ["python", "examples/imdb/train.py", "-f", str(data.training), "-e", "1", "-eval", "1", "-r", "0"]
    return [*argv, "-s", f"{folder}/imdb.p", "--vocab_file", f"{folder}/imdb.vocab"]


def _in_image(image: PreparedImage, argv: list[str], *, wall: bool = False) -> float:
    taken = cost(argv, cwd=image.files, env={**image.env, "HOME": str(Path.home())})
    return taken.wall if wall else taken.cpu


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


def _resident_megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024
