"""Spouts: pipelines without input and jobs, whose output is written from within as by any client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2
from python_pachyderm.proto.v2.pps import pps_pb2

from tests.conformance.pps.conftest import IMAGE

if TYPE_CHECKING:
    from tests.conformance.conftest import Refused
    from tests.conformance.pps.conftest import Lab

SERVICE = pps_pb2.Service(internal_port=8000, external_port=31000)
INPUT = pps_pb2.Input(pfs=pps_pb2.PFSInput(repo="data", glob="/"))


def spout(lab: Lab, script: str, **fields: Any) -> None:
    given = {"spout": pps_pb2.Spout(), **fields}
    lab.client.create_pipeline_from_request(
        pps_pb2.CreatePipelineRequest(
            pipeline=pps_pb2.Pipeline(name="spout"),
            transform=pps_pb2.Transform(cmd=["sh"], stdin=[script], image=IMAGE),
            **given,
        )
    )


def said(lab: Lab, text: str) -> Any:
    """The first line of the spout's log that is ``text``, once it is there."""
    return next(line for line in lab.client.get_pipeline_logs("spout", follow=True) if line.message == text)


def commits(lab: Lab, **choice: Any) -> list[Any]:
    return list(lab.client.list_commit("spout", **choice))


def test_a_spout_has_neither_meta_repo_nor_jobs(lab: Lab) -> None:
    spout(lab, "echo here; exec sleep 1000")
    line = said(lab, "here")
    assert (line.job_id, line.user, line.pipeline_name) == ("spout", True, "spout")
    info = lab.reaches("spout", pps_pb2.PIPELINE_RUNNING)
    assert info.type == pps_pb2.PipelineInfo.PIPELINE_TYPE_SPOUT
    assert [repo.repo.type for repo in lab.client.list_repo("meta")] == []
    assert list(lab.client.list_job("spout")) == []
    assert info.last_job_state == pps_pb2.JOB_STATE_UNKNOWN
    branch = lab.client.inspect_branch("spout", "master")
    assert [(above.repo.name, above.repo.type) for above in branch.provenance] == [("spout", "spec")]
    [head] = commits(lab, all=True)
    assert head.origin.kind == pfs_pb2.AUTO
    assert head.finished.seconds
    assert not lab.files("spout")


def test_what_is_written_to_its_output_is_the_users_and_triggers_what_is_downstream(lab: Lab) -> None:
    spout(lab, "exec sleep 1000")
    lab.create("copy", "cp /pfs/spout/* /pfs/out/", ("spout", "/*"))
    with lab.client.commit("spout", "master") as commit:
        lab.client.put_file_bytes(commit, "/a", b"one")
    lab.client.put_file_bytes(("spout", "master"), "/b", b"two")
    assert lab.progress("copy") == "SUCCESS 1+1/2"
    assert lab.files("copy") == {"/a": "one", "/b": "two"}
    assert [info.origin.kind for info in commits(lab)] == [pfs_pb2.USER, pfs_pb2.USER]
    assert list(lab.client.list_job("spout")) == []


def test_an_update_starts_the_code_anew_and_keeps_the_output(lab: Lab) -> None:
    spout(lab, "echo first; exec sleep 1000")
    said(lab, "first")
    lab.client.put_file_bytes(("spout", "master"), "/a", b"kept")
    before = [info.commit.id for info in commits(lab, all=True)]
    spout(lab, "echo second; exec sleep 1000", update=True)
    said(lab, "second")
    assert lab.files("spout") == {"/a": "kept"}
    assert [info.commit.id for info in commits(lab, all=True)] == before
    assert list(lab.client.list_job("spout", history=-1)) == []


def test_a_stopped_spout_starts_again(lab: Lab) -> None:
    spout(lab, "echo here; exec sleep 1000")
    said(lab, "here")
    lab.client.stop_pipeline("spout")
    lab.reaches("spout", pps_pb2.PIPELINE_PAUSED)
    lab.client.start_pipeline("spout")
    lab.reaches("spout", pps_pb2.PIPELINE_RUNNING)
    with lab.client.commit("spout", "master") as commit:
        lab.client.put_file_bytes(commit, "/a", b"one")
    assert lab.files("spout") == {"/a": "one"}
    lab.client.delete_pipeline("spout")
    assert not list(lab.client.list_repo("spec"))


def test_what_a_spout_cannot_be(lab: Lab, refused: Refused) -> None:
    unknown = grpc.StatusCode.UNKNOWN
    lab.put("data", {"/a": "a"})
    with refused(unknown, "spout pipelines (without a service) must not have an input"):
        spout(lab, "true", input=INPUT)
    with refused(unknown, "autoscaling can't be used with spouts (spouts aren't triggered externally)"):
        spout(lab, "true", autoscaling=True)
    with pytest.raises(grpc.RpcError, match="no input set"):
        lab.client.create_pipeline_from_request(
            pps_pb2.CreatePipelineRequest(
                pipeline=pps_pb2.Pipeline(name="p"), transform=pps_pb2.Transform(cmd=["true"], image=IMAGE)
            )
        )
    spout(lab, "exec sleep 1000", spout=pps_pb2.Spout(service=SERVICE), input=INPUT)
    lab.reaches("spout", pps_pb2.PIPELINE_RUNNING)
    assert lab.inspect("spout").details.spout.service.type == "NodePort"
    assert list(lab.client.list_job("spout")) == []
