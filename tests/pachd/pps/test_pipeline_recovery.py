"""Pipelines that cannot run say so, and run as soon as they can."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from python_pachyderm.proto.v2.pps import pps_pb2

from tests.pachd.pps.impatient import impatient_server

if TYPE_CHECKING:
    from pathlib import Path


def create(client: Any, image: str, *cmd: str, **fields: Any) -> None:
    client.create_pipeline_from_request(
        pps_pb2.CreatePipelineRequest(
            pipeline=pps_pb2.Pipeline(name="p"),
            transform=pps_pb2.Transform(cmd=cmd, image=image),
            input=pps_pb2.Input(pfs=pps_pb2.PFSInput(repo="data", glob="/")),
            **fields,
        )
    )


def state(client: Any) -> Any:
    return next(client.inspect_pipeline("p")).state


def ended(client: Any) -> Any:
    newest = next(iter(client.list_job("p", history=-1))).job.id
    return next(client.inspect_job(newest, "p", wait=True)).state


def logged(client: Any, text: str) -> None:
    next(line for line in client.get_pipeline_logs("p", follow=True) if text in line.message)


def test_a_pipeline_crashes_while_its_image_is_missing_and_runs_when_it_is_there(tmp_path: Path) -> None:
    images = tmp_path / "images"
    images.mkdir()
    settings = {"images": (images,), "allow_host_images": False, "seconds_to_retry": 0.02}
    with impatient_server(tmp_path, **settings) as client:
        client.create_repo("data")
        create(client, "late", "true")
        logged(client, "image late not found")
        info = next(client.inspect_pipeline("p", details=True))
        assert (info.state, info.details.workers_available) == (pps_pb2.PIPELINE_CRASHING, 0)
        assert "image late not found" in info.reason
        assert next(iter(client.list_job("p"))).state == pps_pb2.JOB_CREATED
        (images / "late").mkdir()
        assert ended(client) == pps_pb2.JOB_SUCCESS
        info = next(client.inspect_pipeline("p"))
        assert (info.state, info.reason) == (pps_pb2.PIPELINE_RUNNING, "")


def test_only_an_update_leaves_failure(tmp_path: Path) -> None:
    with impatient_server(tmp_path) as client:
        client.create_repo("data")
        create(client, "host")
        assert ended(client) == pps_pb2.JOB_KILLED
        assert state(client) == pps_pb2.PIPELINE_FAILURE
        client.stop_pipeline("p")
        client.start_pipeline("p")
        assert ended(client) == pps_pb2.JOB_KILLED
        assert state(client) == pps_pb2.PIPELINE_FAILURE
        create(client, "host", "true", update=True)
        assert ended(client) == pps_pb2.JOB_SUCCESS
        assert state(client) == pps_pb2.PIPELINE_RUNNING
