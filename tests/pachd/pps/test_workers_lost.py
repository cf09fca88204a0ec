"""Images that cannot be had, and workers that die."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from python_pachyderm.proto.v2.pps import pps_pb2

from harness.clusters import Options
from harness.clusters.embedded import EmbeddedCluster


def create(client: Any, image: str, script: str, *, update: bool = False) -> None:
    client.create_pipeline_from_request(
        pps_pb2.CreatePipelineRequest(
            pipeline=pps_pb2.Pipeline(name="p"),
            transform=pps_pb2.Transform(cmd=["sh"], stdin=[script], image=image),
            input=pps_pb2.Input(pfs=pps_pb2.PFSInput(repo="data", glob="/*")),
            update=update,
        )
    )


def put_one_file(client: Any) -> None:
    client.create_repo("data")
    with client.commit("data", "master") as commit:
        client.put_file_bytes(commit, "/a", b"a")


def newest(client: Any) -> Any:
    job = next(iter(client.list_job("p"))).job
    return next(client.inspect_job(job.id, "p", wait=True))


def test_an_image_that_cannot_be_had_crashes_the_pipeline_until_an_update(tmp_path: Path) -> None:
    good = tmp_path / "images" / "good"
    good.mkdir(parents=True)
    (good / "Dockerfile").write_text("FROM scratch\nWORKDIR /work\n")
    with EmbeddedCluster(Options(root=tmp_path / "root", images=(tmp_path / "images",))) as cluster:
        client = cluster.client()
        put_one_file(client)
        create(client, "somebody/unknown:1", "true")
        told = next(client.get_pipeline_logs("p", follow=True)).message.removeprefix("note: ")
        info = next(client.inspect_pipeline("p"))
        assert (info.state, info.reason) == (pps_pb2.PIPELINE_CRASHING, told)
        assert "somebody/unknown:1" in told
        assert next(iter(client.list_job("p"))).state == pps_pb2.JOB_CREATED
        create(client, "good", "true", update=True)
        assert newest(client).state == pps_pb2.JOB_SUCCESS
        assert next(client.inspect_pipeline("p")).state == pps_pb2.PIPELINE_RUNNING


@pytest.mark.skipif(sys.platform != "linux", reason="finds the workers through /proc")
@pytest.mark.parametrize(("losses", "state"), [(1, "JOB_SUCCESS"), (3, "JOB_FAILURE")])
def test_a_lost_worker_is_replaced_twice(tmp_path: Path, losses: int, state: str) -> None:
    ran = tmp_path / "ran"
    script = f"echo x >> {ran}; echo ready; test $(wc -l < {ran}) -gt {losses} || sleep 600"
    with EmbeddedCluster(Options(root=tmp_path / "root", allow_host_images=True)) as cluster:
        client = cluster.client()
        put_one_file(client)
        create(client, "host", script)
        lines = client.get_pipeline_logs("p", follow=True)
        for _ in range(losses):
            next(line for line in lines if line.user)
            for worker in workers_of(cluster.pid):
                os.kill(worker, signal.SIGKILL)
        info = newest(client)
        assert pps_pb2.JobState.Name(info.state) == state
        assert info.data_total == info.data_processed + info.data_failed == 1


def workers_of(server: int | None) -> list[int]:
    """The child processes of the server."""
    tasks = Path(f"/proc/{server}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]
