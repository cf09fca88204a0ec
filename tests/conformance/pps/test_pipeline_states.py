"""The states that pipelines go through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from python_pachyderm.proto.v2.pps import pps_pb2

if TYPE_CHECKING:
    from tests.conformance.pps.conftest import Lab


def test_a_pipeline_runs_pauses_and_runs_again(lab: Lab) -> None:
    lab.client.create_repo("data")
    lab.create("p", "true", ("data", "/"), parallelism_spec={"constant": 2})
    info = lab.reaches("p", pps_pb2.PIPELINE_RUNNING)
    assert (info.details.workers_requested, info.details.workers_available) == (2, 2)
    assert lab.wait("p").state == lab.inspect("p").last_job_state == pps_pb2.JOB_SUCCESS
    lab.client.stop_pipeline("p")
    info = lab.reaches("p", pps_pb2.PIPELINE_PAUSED)
    assert (info.details.workers_requested, info.details.workers_available) == (2, 0)
    lab.client.start_pipeline("p")
    lab.reaches("p", pps_pb2.PIPELINE_RUNNING)


def test_an_update_leaves_a_stopped_pipeline_stopped(lab: Lab) -> None:
    lab.client.create_repo("data")
    first = lab.create("p", "true", ("data", "/"))
    lab.client.stop_pipeline("p")
    lab.update("p", "true", ("data", "/"))
    assert lab.reaches("p", pps_pb2.PIPELINE_PAUSED).version == 2
    assert lab.jobs("p") == [first]
    lab.client.start_pipeline("p")
    assert lab.progress("p") == "SUCCESS 0+0/0"
    assert len(lab.jobs("p")) == 2


def test_an_autoscaling_pipeline_stands_by_while_there_is_nothing_to_do(lab: Lab) -> None:
    lab.put("data", {"/a": "a"})
    lab.create("p", 'cp "$data" /pfs/out/', ("data", "/*"), autoscaling=True)
    assert lab.progress("p") == "SUCCESS 1+0/1"
    assert lab.reaches("p", pps_pb2.PIPELINE_STANDBY).details.workers_available == 0
    lab.put("data", {"/b": "b"})
    assert lab.progress("p") == "SUCCESS 1+1/2"
    lab.reaches("p", pps_pb2.PIPELINE_STANDBY)


def test_another_output_branch(lab: Lab) -> None:
    lab.put("data", {"/a": "a"})
    lab.create("p", 'cp "$data" /pfs/out/', ("data", "/*"))
    lab.wait("p")
    id_ = lab.update("p", 'cp "$data" /pfs/out/', ("data", "/*"), output_branch="other")
    info = lab.wait("p", id_)
    assert (info.state, info.output_commit.branch.name) == (pps_pb2.JOB_SUCCESS, "other")
    assert lab.files("p", "other") == {"/a": "a"}
    lab.put("data", {"/b": "b"})
    lab.wait("p")
    assert lab.files("p", "other") == {"/a": "a", "/b": "b"}
    assert lab.files("p", "master") == {"/a": "a"}
