"""The calls about jobs, one after another (sections 7 and 8)."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.protobuf import duration_pb2
from python_pachyderm.proto.v2.pfs import pfs_pb2
from python_pachyderm.proto.v2.pps import pps_pb2

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tests.conformance.pps.conftest import Lab

    Refused = Callable[[grpc.StatusCode, str], AbstractContextManager[None]]

NO_JOB = "0" * 12 + "4" + "0" * 19
FOREVER = "echo begun; sleep 600"


def job(name: str, id_: str) -> Any:
    return pps_pb2.Job(pipeline=pps_pb2.Pipeline(name=name), id=id_)


def begin(lab: Lab, name: str = "slow", **fields: Any) -> str:
    """A job whose code runs for ever; its id."""
    lab.put("data", {"/a": "a"})
    id_ = lab.create(name, FOREVER, ("data", "/*"), **fields)
    next(line for line in lab.client.get_job_logs(name, id_, follow=True) if line.message == "begun")
    return id_


def test_7_1_a_job_that_never_ran_has_its_times(lab: Lab, pps: Any) -> None:
    lab.client.create_repo("data")
    lab.client.start_commit("data", "master")
    id_ = lab.create("p", "true", ("data", "/"))
    waiting = pps.InspectJob(pps_pb2.InspectJobRequest(job=job("p", id_)))
    assert waiting.state in (pps_pb2.JOB_CREATED, pps_pb2.JOB_STARTING)
    assert (waiting.HasField("started"), waiting.HasField("finished")) == (False, False)
    lab.client.stop_job(id_, "p")
    info = lab.wait("p", id_)
    assert (info.state, info.reason) == (pps_pb2.JOB_KILLED, "job stopped")
    assert info.started == info.finished
    assert next(lab.client.inspect_commit(("p", id_))).error == "job stopped"


def test_7_3_all_failed_inputs_are_named_and_chains_name_the_nearest(lab: Lab) -> None:
    lab.put("data", {"/a": "a"})
    for name in ("one", "two"):
        lab.create(name, "false", ("data", "/"), datum_tries=1)
        lab.wait(name)
    both = lab.create("both", "true", ("two", "/"), ("data", "/"), ("one", "/"))
    last = lab.create("last", "true", ("both", "/"))
    reason = "unrunnable because the following upstream pipelines failed: "
    assert lab.wait("both", both).reason == f"{reason}two, one"
    assert lab.wait("last", last).reason == f"{reason}both"
    assert next(lab.client.inspect_commit(("both", both))).error == f"{reason}two, one"


def test_8_1_waiting_for_a_job_that_is_deleted(lab: Lab, pps: Any) -> None:
    id_ = begin(lab)
    call = pps.InspectJob.future(pps_pb2.InspectJobRequest(job=job("slow", id_), wait=True))
    threading.Timer(0.2, lab.client.delete_job, (id_, "slow")).start()
    with pytest.raises(grpc.RpcError, match=rf"job {id_} was deleted|jobs default/slow@{id_} not found"):
        call.result()


def test_8_1_details_come_when_asked_for(lab: Lab, pps: Any) -> None:
    fields: dict[str, Any] = {
        "datum_timeout": {"seconds": 60},
        "job_timeout": {"seconds": 70},
        "datum_tries": 2,
        "salt": "salt",
    }
    id_ = begin(lab, parallelism_spec={"constant": 2}, datum_set_spec={"number": 3}, **fields)
    assert not pps.InspectJob(pps_pb2.InspectJobRequest(job=job("slow", id_))).HasField("details")
    details = pps.InspectJob(pps_pb2.InspectJobRequest(job=job("slow", id_), details=True)).details
    assert (details.parallelism_spec.constant, details.datum_set_spec.number, details.salt) == (2, 3, "salt")
    assert (details.datum_timeout.seconds, details.job_timeout.seconds, details.datum_tries) == (60, 70, 2)
    assert (details.input.pfs.repo, details.input.pfs.commit) == ("data", id_)
    [status] = details.worker_status
    assert (status.job_id, status.datum_status.data[0].path, bool(status.worker_id)) == (id_, "/a", True)
    [listed] = pps.ListJob(pps_pb2.ListJobRequest(details=True))
    assert listed.details.salt == "salt"
    [listed] = pps.ListJob(pps_pb2.ListJobRequest())
    assert not listed.HasField("details")


def test_8_2_a_set_is_told_job_by_job(lab: Lab, pps: Any) -> None:
    id_ = begin(lab, "first")
    lab.create("second", "true", ("first", "/"))
    lab.client.stop_pipeline("second")
    both = lab.update("first", "true", ("data", "/*"), reprocess=True)
    assert lab.progress("first", both) == "SUCCESS 1+0/1"
    lab.client.start_pipeline("second")
    last = lab.update("first", FOREVER, ("data", "/*"), reprocess=True)
    request = pps_pb2.InspectJobSetRequest(job_set=pps_pb2.JobSet(id=last), wait=True)
    told = pps.InspectJobSet(request)
    lab.client.stop_job(last, "first", reason="enough")
    found = [(info.job.pipeline.name, info.state, info.reason) for info in told]
    reason = "unrunnable because the following upstream pipelines failed: first"
    assert found == [("first", pps_pb2.JOB_KILLED, "enough"), ("second", pps_pb2.JOB_UNRUNNABLE, reason)]
    [info] = pps.InspectJobSet(pps_pb2.InspectJobSetRequest(job_set=pps_pb2.JobSet(id=id_)))
    assert info.job.pipeline.name == "first"


def test_8_4_pages_of_jobs(lab: Lab, pps: Any) -> None:
    lab.client.create_repo("data")
    lab.create("p", "true", ("data", "/*"))
    for number in range(3):
        lab.put("data", {f"/{number}": "x"})
    newest = list(pps.ListJob(pps_pb2.ListJobRequest()))
    oldest = list(pps.ListJob(pps_pb2.ListJobRequest(reverse=True)))
    assert [info.job.id for info in oldest] == [info.job.id for info in newest][::-1]
    for listed, reverse in ((newest, False), (oldest, True)):
        page = pps_pb2.ListJobRequest(paginationMarker=listed[0].created, number=2, reverse=reverse)
        assert [info.job.id for info in pps.ListJob(page)] == [info.job.id for info in listed[1:3]]
        page_of_sets = pps_pb2.ListJobSetRequest(paginationMarker=listed[0].created, number=2, reverse=reverse)
        assert [found.job_set.id for found in pps.ListJobSet(page_of_sets)] == [info.job.id for info in listed[1:3]]
    assert list(pps.ListJob(pps_pb2.ListJobRequest(projects=[pfs_pb2.Project(name="other")]))) == []


def test_8_6_a_set_is_stopped_within_a_transaction(lab: Lab) -> None:
    begin(lab, "first")
    lab.create("second", FOREVER, ("data", "/*"))
    id_ = lab.put("data", {"/b": "b"})
    with lab.client.transaction():
        for name in ("first", "second"):
            lab.client.stop_job(id_, name, reason="both")
    assert [lab.wait(name, id_).reason for name in ("first", "second")] == ["both", "both"]


def test_8_8_how_far_somebody_elses_worker_is(lab: Lab, pps: Any) -> None:
    lab.client.create_repo("data")
    lab.client.start_commit("data", "master")
    id_ = lab.create("p", "true", ("data", "/"))
    request = pps_pb2.UpdateJobStateRequest(job=job("p", id_), state=pps_pb2.JOB_STARTING, restart=2**64 - 1)
    with pytest.raises(grpc.RpcError, match="no job can count as far as"):
        pps.UpdateJobState(request)
    stats = pps_pb2.ProcessStats(download_bytes=5, process_time=duration_pb2.Duration(seconds=1))
    fields = {"data_processed": 1, "data_total": 2, "restart": 3, "stats": stats}
    request = pps_pb2.UpdateJobStateRequest(job=job("p", id_), state=pps_pb2.JOB_FAILURE, reason="elsewhere", **fields)
    pps.UpdateJobState(request)
    info = lab.wait("p", id_)
    assert (info.state, info.reason, info.restart) == (pps_pb2.JOB_FAILURE, "elsewhere", 3)
    assert (info.data_processed, info.data_total, info.stats.download_bytes) == (1, 2, 5)
    with pytest.raises(grpc.RpcError, match=f"job default/p@{id_} has already finished"):
        pps.UpdateJobState(request)


def test_requests_without_their_subject(lab: Lab, pps: Any, refused: Refused) -> None:
    for call, text in (
        (lambda: pps.InspectJob(pps_pb2.InspectJobRequest()), "must specify a job"),
        (lambda: pps.StopJob(pps_pb2.StopJobRequest()), "Job must be specified"),
        (lambda: pps.DeleteJob(pps_pb2.DeleteJobRequest()), "job cannot be nil"),
        (lambda: next(pps.SubscribeJob(pps_pb2.SubscribeJobRequest())), "pipeline must be specified"),
        (lambda: list(pps.ListJob(pps_pb2.ListJobRequest(number=-1))), "number must be non-negative"),
    ):
        with refused(grpc.StatusCode.UNKNOWN, text):
            call()
    for call in (
        lambda: pps.StopJob(pps_pb2.StopJobRequest(job=job("p", NO_JOB))),
        lambda: pps.DeleteJob(pps_pb2.DeleteJobRequest(job=job("p", NO_JOB))),
        lambda: list(pps.ListDatum(pps_pb2.ListDatumRequest(job=job("p", NO_JOB)))),
    ):
        with refused(grpc.StatusCode.NOT_FOUND, f"jobs default/p@{NO_JOB} not found"):
            call()
