"""A disk that is full while a job runs holds the job up, and nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from python_pachyderm.proto.v2.pps import pps_pb2

from tests.pachd.durability.failing import FailingDisk, Fault
from tests.pachd.durability.workload import pipeline
from tests.pachd.durability.world import complaints

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

REFUSALS = 3  # operations that find no room
FILES = {f"/{number}": str(number).encode() for number in range(4)}


def upload(client: Any) -> None:
    with client.modify_file_client(("data", "master")) as modify:
        for path, data in FILES.items():
            modify.put_file_from_bytes(path, data)


def insist(call: Callable[[], object]) -> None:
    """Call again while the disk is full."""
    for _ in range(REFUSALS):
        if not refused(call):
            return
    call()


def refused(call: Callable[[], object]) -> bool:
    """Whether there was no room for what was called."""
    try:
        call()
    except grpc.RpcError as error:
        if error.code() is not grpc.StatusCode.RESOURCE_EXHAUSTED:
            raise
        return True
    return False


def run(client: Any) -> None:
    """Have a pipeline copy some files, and look at what it made."""
    for step in (lambda: client.create_repo("data"), lambda: pipeline(client, "/*"), lambda: upload(client)):
        insist(step)
    job = next(iter(client.list_job("copy"))).job
    info = next(iter(client.inspect_job(job.id, "copy", wait=True)))
    assert info.state == pps_pb2.JOB_SUCCESS, info.reason
    assert {path: client.get_file(("copy", "master"), path).read() for path in FILES} == FILES


@pytest.fixture(scope="module")
def operations(library: Path, tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many operations it takes where nothing fails."""
    disk = FailingDisk(library, tmp_path_factory.mktemp("whole"))
    with disk.server() as cluster:
        run(cluster.client())
        return len(disk.operations())


@pytest.mark.parametrize("share", [0.7, 0.8, 0.9])
def test_the_job_goes_on_when_there_is_room(disk: FailingDisk, operations: int, share: float) -> None:
    with disk.server(Fault("enospc", round(operations * share), count=REFUSALS)) as cluster:
        run(cluster.client())
        assert complaints(cluster.client()) == []
