"""The ways in which jobs end, and what that does to those downstream and behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2
from python_pachyderm.proto.v2.pps import pps_pb2

if TYPE_CHECKING:
    from tests.conformance.pps.conftest import Lab

FOREVER = "echo ready; sleep 600"
COPY = 'cp "$data" /pfs/out/'


def running(info: Any) -> bool:
    return bool(info.state == pps_pb2.JOB_RUNNING)


def test_a_failed_datum_fails_the_job_and_makes_those_downstream_unrunnable(lab: Lab) -> None:
    lab.put("data", {"/bad": "bad", "/good": "good"})
    lab.create("first", 'cp "$data" /pfs/out/; test $(basename "$data") = good', ("data", "/*"))
    id_ = lab.create("second", "true", ("first", "/"))
    info = lab.wait("first")
    [failed] = [datum.datum.id for datum in lab.client.list_datum("first", info.job.id) if datum.state == 1]
    assert (info.state, info.reason) == (pps_pb2.JOB_FAILURE, f"datum {failed} failed")
    assert (info.data_failed, info.data_processed, info.data_total) == (1, 1, 2)
    second = lab.wait("second", id_)
    assert second.state == pps_pb2.JOB_UNRUNNABLE
    assert second.reason == "unrunnable because the following upstream pipelines failed: first"
    commit = next(lab.client.inspect_commit(("first", info.job.id)))
    assert commit.error == info.reason
    assert lab.files("first", info.job.id) == {"/good": "good"}


def test_a_good_job_after_a_failed_one_skips_by_the_good_one_before(lab: Lab) -> None:
    lab.put("data", {"/a": "a"})
    lab.create("copy", COPY + '; grep -qv bad "$data"', ("data", "/*"))
    assert lab.progress("copy") == "SUCCESS 1+0/1"
    lab.put("data", {"/b": "bad"})
    assert lab.wait("copy").state == pps_pb2.JOB_FAILURE
    lab.put("data", {"/b": "better"})
    assert lab.progress("copy") == "SUCCESS 1+1/2"
    assert lab.files("copy") == {"/a": "a", "/b": "better"}


def test_two_datums_that_write_the_same_path_fail_the_job(lab: Lab) -> None:
    lab.put("data", {"/a": "a", "/b": "b"})
    lab.create("clash", "echo same > /pfs/out/same", ("data", "/*"))
    info = lab.wait("clash")
    first, second = sorted(datum.datum.id for datum in lab.client.list_datum("clash", info.job.id))
    clash = f"(/same from {first} and /same from {second})"
    assert info.state == pps_pb2.JOB_FAILURE
    assert info.reason == f"duplicate path output by different datums {clash}"


def test_stopping_a_job_kills_its_code_and_leaves_the_next_one_alone(lab: Lab) -> None:
    lab.put("data", {"/a": "a"})
    id_ = lab.create("slow", FOREVER, ("data", "/*"))
    lab.until(running, "slow")
    lab.client.stop_job(id_, "slow", reason="enough")
    info = lab.wait("slow", id_)
    assert (info.state, info.reason) == (pps_pb2.JOB_KILLED, "enough")
    lab.client.stop_job(id_, "slow", reason="again")
    assert lab.wait("slow", id_).reason == "enough"
    lab.client.delete_file(("data", "master"), "/a")
    assert lab.progress("slow") == "SUCCESS 0+0/0"


def test_an_update_kills_the_jobs_of_the_version_before(lab: Lab) -> None:
    lab.put("data", {"/a": "a"})
    id_ = lab.create("slow", FOREVER, ("data", "/*"))
    lab.until(running, "slow")
    lab.update("slow", COPY, ("data", "/*"))
    assert lab.progress("slow") == "SUCCESS 1+0/1"
    info = lab.wait("slow", id_)
    assert info.state == pps_pb2.JOB_KILLED
    assert info.reason == "all jobs killed because pipeline was updated for user unknown_username"


def test_stopping_a_pipeline_kills_its_jobs(lab: Lab) -> None:
    lab.put("data", {"/a": "a"})
    id_ = lab.create("slow", FOREVER, ("data", "/*"))
    lab.until(running, "slow")
    lab.client.stop_pipeline("slow")
    assert lab.wait("slow", id_).reason == "all jobs killed because pipeline was stopped for user unknown_username"


def test_a_job_has_no_more_than_its_time(lab: Lab) -> None:
    lab.put("data", {"/a": "a"})
    lab.create("slow", FOREVER, ("data", "/*"), job_timeout={"nanos": 200_000_000})
    info = lab.wait("slow")
    assert (info.state, info.reason) == (pps_pb2.JOB_KILLED, " jobtimed out")


def test_a_deleted_job_is_gone_and_its_commit_is_not(lab: Lab) -> None:
    lab.put("data", {"/a": "a"})
    id_ = lab.create("slow", FOREVER, ("data", "/*"))
    lab.client.delete_job(id_, "slow")
    with pytest.raises(grpc.RpcError, match=f"jobs default/slow@{id_} not found"):
        next(lab.client.inspect_job(id_, "slow"))
    assert list(lab.client.inspect_job(id_)) == []
    assert next(lab.client.inspect_commit(("slow", id_))).error == "job deleted"


def test_a_malformed_glob_fails_the_job(lab: Lab) -> None:
    lab.put("data", {"/a": "a"})
    lab.create("glob", COPY, ("data", "/[a"))
    info = lab.wait("glob")
    assert info.state == pps_pb2.JOB_FAILURE
    assert "/[a" in info.reason


def test_jobs_of_a_pipeline_without_command_are_killed(lab: Lab) -> None:
    lab.put("data", {"/a": "a"})
    pps = pps_pb2.CreatePipelineRequest(
        pipeline=pps_pb2.Pipeline(name="empty"),
        transform=pps_pb2.Transform(),
        input=pps_pb2.Input(pfs=pps_pb2.PFSInput(repo="data", glob="/")),
    )
    lab.client.create_pipeline_from_request(pps)
    info = lab.wait("empty")
    assert (info.state, info.reason) == (pps_pb2.JOB_KILLED, "job stopped")
    found = lab.inspect("empty")
    assert (found.state, found.reason) == (pps_pb2.PIPELINE_FAILURE, "nothing to run: no transform.cmd")


def test_a_commit_finished_by_force_does_not_hang_its_job(lab: Lab, pfs: Any) -> None:
    lab.put("data", {"/a": "a"})
    id_ = lab.create("slow", FOREVER, ("data", "/*"))
    lab.until(running, "slow")
    commit = next(lab.client.inspect_commit(("slow", id_))).commit
    pfs.FinishCommit(pfs_pb2.FinishCommitRequest(commit=commit, force=True))
    lab.client.stop_job(id_, "slow")
    assert lab.wait("slow", id_).state == pps_pb2.JOB_KILLED


def test_a_job_whose_input_is_deleted_ends(lab: Lab) -> None:
    lab.client.create_repo("data")
    lab.client.start_commit("data", "master")
    id_ = lab.create("copy", COPY, ("data", "/*"))
    lab.client.delete_repo("data", force=True)
    info = lab.wait("copy", id_)
    assert info.state == pps_pb2.JOB_FAILURE
    assert info.reason.startswith("commit default/data@")
