"""Large files, up and down, and what they do to others."""

from __future__ import annotations

import hashlib
import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from python_pachyderm.proto.v2.pfs import pfs_pb2

from bench.calls import Calls
from bench.cluster import running, yardstick
from bench.paired import pairs
from bench.table import Row
from bench.yardsticks.bare import make_ready

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.cluster import Running
    from bench.paired import Pairs

FILE_MEGABYTES = 256
STREAM_BYTES = 2 * 2**30
CALLS = 300


def one_file(runs: int) -> list[Row]:
    """One file up and down, beside a server that hashes and writes it, or only reads it."""
    with tempfile.TemporaryDirectory() as folder, _both(Path(folder)) as (server, bare):
        data = b""

        def put(to: Running, run: int) -> float:
            nonlocal data
            if to is server:
                data = os.urandom(FILE_MEGABYTES * 2**20)
            began = time.perf_counter()
            to.client.put_file_bytes(("big", "master"), f"/{run}", io.BytesIO(data))
            return time.perf_counter() - began

        def get(of: Running) -> float:
            began = time.perf_counter()
            pieces = list(Calls(of).get_file("big", f"/{runs}"))
            taken = time.perf_counter() - began
            if hashlib.sha256(b"".join(pieces)).digest() != hashlib.sha256(data).digest():
                raise RuntimeError(f"{of.address} gave other bytes back than it got")
            return taken

        server.client.create_repo("big")
        up = pairs(runs, lambda run: put(server, run), lambda run: put(bare, run))
        down = pairs(runs, lambda _run: get(server), lambda _run: get(bare))
    beside = "a bare server that hashes and writes it"
    return [
        _of_rate(f"put_file of {FILE_MEGABYTES} MB, of the yardstick's rate", up, beside),
        _of_rate(f"get_file of {FILE_MEGABYTES} MB, of the yardstick's rate", down, "a bare server that reads it"),
    ]


def memory(runs: int) -> list[Row]:
    """How much the server grows while a long stream goes in and out."""
    samples = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
            idle = server.memory()
            server.client.create_repo("big")
            server.client.put_file_bytes(("big", "master"), "/file", _Noise(STREAM_BYTES))
            for _piece in Calls(server).get_file("big", "/file"):
                pass
            samples.append(server.memory("VmHWM") - idle)
    return [
        Row(f"server memory above idle, {STREAM_BYTES >> 30} GB in and out", "MB", samples, 150, f"idle {idle:.0f} MB")
    ]


def latency(runs: int) -> list[Row]:
    """A small call while another client uploads."""
    with tempfile.TemporaryDirectory() as folder, _both(Path(folder)) as (server, bare):
        server.client.create_repo("big")
        repo = pfs_pb2.InspectRepoRequest(repo=pfs_pb2.Repo(name="big", type="user"))
        make_ready(Path(folder) / "bare", "InspectRepo", [Calls(server).unary("InspectRepo", repo)])
        taken: dict[str, list[float]] = {server.address: [], bare.address: []}
        for _ in range(runs):
            for one in (server, bare):
                with _uploading(one):
                    taken[one.address].append(statistics.median(_timed(one) for _ in range(CALLS)) * 1000)
    beside = f"a bare server {statistics.median(taken[bare.address]):.2g} ms"
    return [Row("a unary call during uploads of 128 MB files, p50", "ms", taken[server.address], 3, beside)]


class _Noise(io.RawIOBase):
    """So many random bytes."""

    def __init__(self, size: int) -> None:
        self._left = size

    def read(self, size: int = -1) -> bytes:
        taken = min(size, self._left)
        self._left -= taken
        return os.urandom(taken)


@contextmanager
def _both(folder: Path) -> Iterator[tuple[Running, Running]]:
    (folder / "bare").mkdir()
    with running(folder / "cluster") as server, yardstick(folder / "bare") as bare:
        yield server, bare


@contextmanager
def _uploading(to: Running) -> Iterator[None]:
    """Another process uploads all the while."""
    argv = [sys.executable, "-m", "bench.uploader", to.address, to.token]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as uploader:
        if uploader.stdout is None or not uploader.stdout.readline():
            raise RuntimeError("the uploader did not start")
        try:
            yield
        finally:
            uploader.kill()


def _timed(server: Running) -> float:
    began = time.perf_counter()
    server.client.inspect_repo("big")
    return time.perf_counter() - began


def _of_rate(what: str, measured: Pairs, beside: str) -> Row:
    return Row(what, "", measured.of_rate, 0.6, measured.told(beside, FILE_MEGABYTES, "MB"), at_least=True)
