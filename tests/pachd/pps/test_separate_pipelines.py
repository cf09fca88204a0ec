"""What goes wrong with one pipeline is told, and does not touch the others."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from python_pachyderm.proto.v2.pps import pps_pb2, pps_pb2_grpc

from harness.clusters import Options
from harness.clusters.embedded import EmbeddedCluster

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 60


def put(client: Any, repo: str, path: str) -> None:
    with client.commit(repo, "master") as commit:
        client.put_file_bytes(commit, path, b"1")


def create(client: Any, pipeline: str) -> None:
    """A pipeline with an input repo of its own, and a file in that."""
    client.create_repo(f"of-{pipeline}")
    put(client, f"of-{pipeline}", "/1")
    client.create_pipeline_from_request(
        pps_pb2.CreatePipelineRequest(
            pipeline=pps_pb2.Pipeline(name=pipeline),
            transform=pps_pb2.Transform(cmd=["true"], image="host"),
            input=pps_pb2.Input(pfs=pps_pb2.PFSInput(repo=f"of-{pipeline}", glob="/*")),
        )
    )


def ended(client: Any, pipeline: str) -> str:
    """The state in which the newest job of a pipeline ends."""
    job = next(iter(client.list_job(pipeline))).job
    asked = pps_pb2.InspectJobRequest(job=job, wait=True)
    info = pps_pb2_grpc.APIStub(client._channel).InspectJob(asked, timeout=SECONDS)
    return str(pps_pb2.JobState.Name(info.state))


def test_a_pipeline_whose_jobs_cannot_be_logged_does_not_stop_the_others(tmp_path: Path) -> None:
    with EmbeddedCluster(Options(root=tmp_path, allow_host_images=True)) as cluster:
        client = cluster.client()
        for pipeline in ("broken", "sound"):
            create(client, pipeline)
            assert ended(client, pipeline) == "JOB_SUCCESS"
        logs = tmp_path / "logs" / "default" / "broken"
        shutil.rmtree(logs)
        logs.write_text("in the way")
        put(client, "of-broken", "/2")
        put(client, "of-sound", "/2")
        assert ended(client, "sound") == "JOB_SUCCESS"
        info = next(client.inspect_pipeline("broken"))
        assert info.state == pps_pb2.PIPELINE_CRASHING
        assert info.reason.startswith("internal error: FileExistsError")
