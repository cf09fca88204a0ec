"""Services: the code of the newest job runs until there is a newer one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from python_pachyderm.proto.v2.pps import pps_pb2

from tests.conformance.pps.conftest import IMAGE

if TYPE_CHECKING:
    from tests.conformance.conftest import Refused
    from tests.conformance.pps.conftest import Lab

SCRIPT = "echo serving $(cat /pfs/data/*); exec sleep 1000"


def service(lab: Lab, script: str = SCRIPT, glob: str = "/", **fields: Any) -> str:
    return lab.create("service", script, ("data", glob), **{"service": given(), **fields})


def given(**fields: Any) -> Any:
    return pps_pb2.Service(internal_port=8000, external_port=31000, **fields)


def says(lab: Lab, text: str, times: int = 1) -> Any:
    """The last of so many lines of the service's log that are ``text``, once they are there."""
    lines = (line for line in lab.client.get_pipeline_logs("service", follow=True) if text in line.message)
    return [next(lines) for _ in range(times)][-1]


def job(lab: Lab, id_: str) -> Any:
    return next(lab.client.inspect_job(id_, "service", details=True))


def test_the_newest_job_runs_until_there_is_a_newer_one(lab: Lab) -> None:
    lab.put("data", {"/a": "one"})
    first = service(lab)
    assert says(lab, "serving one").job_id == first
    info = job(lab, first)
    assert (info.state, info.data_total) == (pps_pb2.JOB_RUNNING, 1)
    second = lab.put("data", {"/b": "two"})
    ended = lab.wait("service", first)
    assert (ended.state, ended.reason) == (pps_pb2.JOB_SUCCESS, "")
    assert says(lab, "serving onetwo").job_id == second
    assert job(lab, second).state == pps_pb2.JOB_RUNNING
    assert not lab.files("service", first)
    assert next(lab.client.inspect_commit(("service", first))).error == ""


def test_what_a_service_is(lab: Lab) -> None:
    lab.put("data", {"/a": "one"})
    service(lab)
    info = lab.reaches("service", pps_pb2.PIPELINE_RUNNING)
    assert info.type == pps_pb2.PipelineInfo.PIPELINE_TYPE_SERVICE
    assert (info.details.service.internal_port, info.details.service.type) == (8000, "NodePort")
    assert info.details.service.ip
    assert [repo.repo.name for repo in lab.client.list_repo("meta")] == []
    [branch] = lab.client.list_branch("service")
    assert [(above.repo.name, above.repo.type) for above in branch.direct_provenance] == [
        *(("data", "user"), ("service", "spec"))
    ]


def test_code_that_ends_well_is_left_alone_and_its_job_goes_on(lab: Lab) -> None:
    lab.put("data", {"/a": "one"})
    first = service(lab, "echo once")
    says(lab, "finished running user code")
    assert job(lab, first).state == pps_pb2.JOB_RUNNING
    second = lab.put("data", {"/b": "two"})
    assert lab.wait("service", first).state == pps_pb2.JOB_SUCCESS
    says(lab, "finished running user code", times=2)
    assert job(lab, second).state == pps_pb2.JOB_RUNNING


@pytest.mark.parametrize("files", [{"/a": "one", "/b": "two"}, {}], ids=["several", "none"])
def test_there_has_to_be_one_datum(lab: Lab, files: dict[str, str]) -> None:
    lab.put("data", files)
    first = service(lab, glob="/*")
    says(lab, "services must have a single datum")
    assert job(lab, first).state == pps_pb2.JOB_RUNNING
    lab.client.stop_pipeline("service")
    ended = lab.wait("service", first)
    assert (ended.state, ended.reason) == (
        pps_pb2.JOB_KILLED,
        "all jobs killed because pipeline was stopped for user unknown_username",
    )


def test_updates_and_stops_kill_the_job(lab: Lab) -> None:
    lab.put("data", {"/a": "one"})
    first = service(lab)
    says(lab, "serving one")
    second = service(lab, "echo new; exec sleep 1000", update=True)
    assert lab.wait("service", first).state == pps_pb2.JOB_KILLED
    assert says(lab, "new").job_id == second
    lab.client.stop_job(second, "service")
    assert lab.wait("service", second).state == pps_pb2.JOB_KILLED


def test_what_a_service_cannot_be(lab: Lab, refused: Refused) -> None:
    unknown = grpc.StatusCode.UNKNOWN
    lab.put("data", {"/a": "one"})
    with refused(unknown, "services can only be run with a constant parallelism of 1"):
        service(lab, parallelism_spec=pps_pb2.ParallelismSpec(constant=2))
    with refused(unknown, "the following service type Magic is not allowed"):
        service(lab, service=given(type="Magic"))
    with refused(unknown, "no input set"):
        lab.client.create_pipeline_from_request(
            pps_pb2.CreatePipelineRequest(
                pipeline=pps_pb2.Pipeline(name="service"),
                transform=pps_pb2.Transform(cmd=["true"], image=IMAGE),
                service=given(),
            )
        )
