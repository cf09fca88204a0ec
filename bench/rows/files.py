"""Many small files, and a new version of a large one, beside the tools that people use for them."""

from __future__ import annotations

import io
import os
import random
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.cluster import running, yardstick
from bench.paired import pairs
from bench.peers import BORG, DVC
from bench.processes import cost
from bench.table import Row

if TYPE_CHECKING:
    from bench.cluster import Running

SMALL_FILES, SMALL_BYTES = 10_000, 1024
LARGE_BYTES = 512 * 2**20
INSERTIONS, INSERTED_BYTES = 20, 100
QUIET = {**os.environ, "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes", "DVC_NO_ANALYTICS": "1"}


def many_files(runs: int) -> list[Row]:
    """Small files in one commit, beside a sink of the same stream and `dvc add` of the same directory."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "bare").mkdir()
        with running(Path(folder) / "cluster") as server, yardstick(Path(folder) / "bare") as bare:
            server.client.create_repo("small")
            contents: list[bytes] = []

            def put(to: Running, run: int) -> float:
                if to is server:
                    contents[:] = [os.urandom(SMALL_BYTES) for _ in range(SMALL_FILES)]
                began = time.perf_counter()
                with to.client.modify_file_client(("small", "master")) as upload:
                    for number, content in enumerate(contents):
                        upload.put_file_from_bytes(f"/{run}/{number:05}", content)
                return time.perf_counter() - began

            measured = pairs(runs, lambda run: put(server, run), lambda run: put(bare, run))
        added = [_dvc_add(Path(folder) / f"dvc-{run}") for run in range(runs)] if DVC.found else []
    what, beside = f"{SMALL_FILES:,} files of 1 KB in one commit", measured.told("a bare sink", SMALL_FILES, "files")
    ratios = [dvc / ours for dvc, ours in zip(added, measured.ours, strict=False)]
    told = f"`dvc add` of the directory {statistics.median(added):.3g} s" if added else DVC.missing
    return [
        Row(f"{what}, of the yardstick's rate", "", measured.of_rate, 0.7, beside, at_least=True),
        Row(f"{what}, times as fast as dvc", "", ratios, 5, told, at_least=True),
    ]


def new_version(runs: int) -> list[Row]:
    """A large file overwritten with itself and small insertions: time beside borg, and what is stored anew."""
    data = bytearray(os.urandom(LARGE_BYTES))
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "cluster") as server:
        server.client.create_repo("large")
        large, repo = Path(folder) / "large", Path(folder) / "borg"
        if BORG.found:
            cost([BORG.command, "init", "-e", "none", str(repo)], env=QUIET)
        grown = []

        def put(_run: int) -> float:
            before = _used(Path(folder) / "cluster")
            began = time.perf_counter()
            server.client.put_file_bytes(("large", "master"), "/file", io.BytesIO(data))
            taken = time.perf_counter() - began
            grown.append((_used(Path(folder) / "cluster") - before) / LARGE_BYTES * 100)
            return taken

        def create(run: int) -> float:
            large.write_bytes(data)
            _insert(data)
            if not BORG.found:
                return float("nan")
            return cost([BORG.command, "create", f"{repo}::{run}", str(large)], env=QUIET).wall

        measured = pairs(runs, put, create)
    what = f"second version of a {LARGE_BYTES >> 20} MB file with {INSERTIONS} insertions"
    beside = measured.told_times("`borg create`") if BORG.found else BORG.missing
    ratios = measured.of_time if BORG.found else []
    return [
        Row(f"{what}, of borg's time", "", ratios, 1.5, beside),
        Row(f"{what}, new bytes stored", "%", grown[1:], 2, f"the first version {grown[0]:.4g} %"),
    ]


def _dvc_add(folder: Path) -> float:
    """Seconds for a fresh directory of small files in a fresh repository."""
    (folder / "small").mkdir(parents=True)
    for number in range(SMALL_FILES):
        (folder / "small" / f"{number:05}").write_bytes(os.urandom(SMALL_BYTES))
    subprocess.run([DVC.command, "init", "-q", "--no-scm"], cwd=folder, env=QUIET, check=True)
    taken = cost([DVC.command, "add", "-q", "small"], cwd=folder, env=QUIET).wall
    shutil.rmtree(folder)
    return taken


def _insert(data: bytearray) -> None:
    for _ in range(INSERTIONS):
        place = random.randrange(len(data))  # noqa: S311 -- not a secret
        data[place:place] = os.urandom(INSERTED_BYTES)


def _used(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
