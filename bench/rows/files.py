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

from google.protobuf import wrappers_pb2
from python_pachyderm.pfs import commit_from
from python_pachyderm.proto.v2.pfs import pfs_pb2

from bench.calls import Calls
from bench.cluster import running, yardstick
from bench.paired import pairs
from bench.peers import BORG, DVC
from bench.processes import cost
from bench.table import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.cluster import Running
    from bench.paired import Pairs

SMALL_FILES, SMALL_BYTES = 10_000, 1024
LARGE_BYTES = 512 * 2**20
INSERTIONS, INSERTED_BYTES = 20, 100
QUIET = {**os.environ, "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes", "DVC_NO_ANALYTICS": "1"}


def many_files(runs: int) -> list[Row]:
    """Small files in one commit, beside a sink of the same stream and `dvc add` of the same directory.

    Once as python_pachyderm sends them, and once as a client that knows that they are new may do.
    """
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "bare").mkdir()
        with running(Path(folder) / "cluster") as server, yardstick(Path(folder) / "bare") as bare:
            server.client.create_repo("small")
            usual, lean = (_beside_sink(runs, server, bare, make) for make in (_as_python_pachyderm, _a_message_each))
        added = [_dvc_add(Path(folder) / f"dvc-{run}") for run in range(runs)] if DVC.found else []
    told = f"`dvc add` of the directory {statistics.median(added):.3g} s" if added else DVC.missing
    what = f"{SMALL_FILES:,} files of 1 KB in one commit"
    beside, lean_beside = (both.told("a bare sink", SMALL_FILES, "files") for both in (usual, lean))
    times, lean_times = ([dvc / ours for dvc, ours in zip(added, both.ours, strict=False)] for both in (usual, lean))
    return [
        Row(f"{what}, of the yardstick's rate", "", usual.of_rate, 0.7, beside, at_least=True),
        Row(f"{what}, times as fast as dvc", "", times, 5, told, at_least=True),
        Row(f"{what}, a message each, times as fast as dvc", "", lean_times, 5, lean_beside, at_least=True),
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


def _beside_sink(
    runs: int, server: Running, bare: Running, make: Callable[[str], Iterator[pfs_pb2.ModifyFileRequest]]
) -> Pairs:
    """Both get the very same bytes, made before."""
    requests: list[bytes] = []

    def put(to: Running, run: int) -> float:
        if to is server:
            requests[:] = [request.SerializeToString() for request in make(f"/{make.__name__}/{run}")]
            to.settle()
        calls = Calls(to)
        began = time.perf_counter()
        calls.modify_file(requests)
        return time.perf_counter() - began

    return pairs(runs, lambda run: put(server, run), lambda run: put(bare, run))


def _as_python_pachyderm(folder: str) -> Iterator[pfs_pb2.ModifyFileRequest]:
    """Small files, each with its deletion and a first message without bytes."""
    requests = _a_message_each(folder)
    yield next(requests)
    for request in requests:
        path = request.add_file.path
        yield pfs_pb2.ModifyFileRequest(delete_file=pfs_pb2.DeleteFile(path=path))
        yield _adding(path, b"")
        yield request


def _a_message_each(folder: str) -> Iterator[pfs_pb2.ModifyFileRequest]:
    """Small files for a new folder."""
    yield pfs_pb2.ModifyFileRequest(set_commit=commit_from(("small", "master")))
    for number in range(SMALL_FILES):
        yield _adding(f"{folder}/{number:05}", os.urandom(SMALL_BYTES))


def _adding(path: str, data: bytes) -> pfs_pb2.ModifyFileRequest:
    add = pfs_pb2.AddFile(path=path, raw=wrappers_pb2.BytesValue(value=data))
    return pfs_pb2.ModifyFileRequest(add_file=add)


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
