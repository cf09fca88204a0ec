"""Small calls, beside a server that has the answer ready."""

from __future__ import annotations

import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from python_pachyderm.pfs import commit_from
from python_pachyderm.proto.v2.pfs import pfs_pb2

from bench.calls import Calls, file
from bench.cluster import running, yardstick
from bench.paired import pairs
from bench.table import Row
from bench.yardsticks.bare import make_ready

CALLS = 500


def unary_calls(runs: int) -> list[Row]:
    """The calls that clients make most, one after another."""
    requests = {
        "InspectRepo": pfs_pb2.InspectRepoRequest(repo=pfs_pb2.Repo(name="small", type="user")),
        "InspectCommit": pfs_pb2.InspectCommitRequest(commit=commit_from(("small", "master"))),
        "InspectFile": pfs_pb2.InspectFileRequest(file=file("small", "/file")),
    }
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "bare").mkdir()
        with running(Path(folder) / "cluster") as server, yardstick(Path(folder) / "bare") as bare:
            server.client.create_repo("small")
            server.client.put_file_bytes(("small", "master"), "/file", b"some bytes")
            for method, request in requests.items():
                make_ready(Path(folder) / "bare", method, [Calls(server).unary(method, request)])
                ours, theirs = (
                    partial(_seconds, Calls(server), method, request),
                    partial(_seconds, Calls(bare), method, request),
                )
                measured = pairs(runs, ours, theirs)
                beside = measured.told("a bare server", CALLS, "calls")
                rows.append(Row(f"{method}, of the yardstick's rate", "", measured.of_rate, 0.5, beside, at_least=True))
    return rows


def _seconds(calls: Calls, method: str, request: Any, _run: int) -> float:
    began = time.perf_counter()
    for _ in range(CALLS):
        calls.unary(method, request)
    return time.perf_counter() - began
