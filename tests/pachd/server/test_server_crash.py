"""A server that is killed in the middle of a job loses nothing and leaves nothing."""

from __future__ import annotations

import os
import select
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2_grpc
from python_pachyderm.proto.v2.pps import pps_pb2

from tests.conformance.pfs.messages import add, file_set, get

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pachd.server.conftest import Process

DEADLINE = 30.0

# The second datum says that it runs, then waits to be let go. Both files are pipes.
SCRIPT = """
n=$(basename /pfs/numbers/*)
if [ $n = 2 ]; then echo running > {started}; read _ < {go}; fi
cp /pfs/numbers/$n /pfs/out/$n
"""


def pipe(path: Path) -> int:
    """A named pipe that neither its writers nor its readers wait for each other on."""
    os.mkfifo(path)
    return os.open(path, os.O_RDWR | os.O_NONBLOCK)


def readable(what: str, descriptor: int) -> None:
    """Wait until ``descriptor`` has something to read; ``what`` says what that means."""
    ready, _, _ = select.select([descriptor], [], [], DEADLINE)
    assert ready, f"waited {DEADLINE:.0f} s for {what}"


def ours(mark: str) -> list[int]:
    """Processes that carry this test's mark in their environment, but for the test itself."""
    carriers = [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if mark.encode() in environment(entry)]
    return [pid for pid in carriers if pid != os.getpid()]


def environment(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()
    except OSError:  # ended meanwhile, or somebody else's
        return b""


def gone(pid: int) -> None:
    """Wait until process ``pid`` has ended."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        readable(f"process {pid} to end", descriptor)
    finally:
        os.close(descriptor)


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="process descriptors are Linux's")
def test_killed_in_the_middle_of_a_job(start: Callable[..., Process], tmp_path: Path) -> None:
    started, go = pipe(tmp_path / "started"), pipe(tmp_path / "go")
    server = start()
    client = server.client()
    client.create_repo("numbers")
    with client.commit("numbers", "master") as commit:
        for number in "123":
            client.put_file_bytes(commit, f"/{number}", number.encode())
    script = SCRIPT.format(started=tmp_path / "started", go=tmp_path / "go")
    client.create_pipeline(
        "copy",
        transform=pps_pb2.Transform(cmd=["bash"], stdin=script.splitlines(), image="host"),
        input=pps_pb2.Input(pfs=pps_pb2.PFSInput(repo="numbers", glob="/*")),
    )
    readable("the second datum to run", started)

    running = ours(f"HARNESS_TEST={tmp_path}")
    assert len(running) > 1
    server.popen.kill()
    server.popen.wait(DEADLINE)
    for pid in running:
        gone(pid)

    os.write(go, b"go\n")
    client = start().client()
    (job,) = client.list_job("copy")
    (done,) = client.inspect_job(job.job.id, "copy", wait=True)
    assert (done.state, done.data_processed, done.data_total) == (pps_pb2.JOB_SUCCESS, 3, 3)
    copies = {number: client.get_file(("copy", "master"), f"/{number}").read() for number in "123"}
    assert copies == {"1": b"1", "2": b"2", "3": b"3"}
    assert str(tmp_path) not in Path("/proc/self/mountinfo").read_text(encoding="utf-8")


def test_file_sets_outlive_the_server(start: Callable[..., Process]) -> None:
    server = start()
    pfs = pfs_pb2_grpc.APIStub(server.client()._channel)
    id_ = pfs.CreateFileSet(iter([add("/a", b"data")])).file_set_id
    server.popen.kill()
    server.popen.wait(DEADLINE)
    again = pfs_pb2_grpc.APIStub(start().client()._channel)
    assert get(again, file_set(id_), "/a") == b"data"
