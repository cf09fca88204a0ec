"""A pipeline that is made for a spec commit that is there already, as restoring a cluster does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2
from python_pachyderm.proto.v2.pps import pps_pb2

from tests.conformance.pps.conftest import IMAGE

if TYPE_CHECKING:
    from tests.conformance.pps.conftest import Lab

SPEC = pfs_pb2.Repo(name="p", type="spec", project=pfs_pb2.Project(name="default"))


def request(id_: str, **fields: Any) -> Any:
    branch = pfs_pb2.Branch(repo=SPEC, name="master")
    return pps_pb2.CreatePipelineRequest(
        pipeline=pps_pb2.Pipeline(name="p"),
        transform=pps_pb2.Transform(cmd=["sh"], stdin=["cp $data /pfs/out/"], image=IMAGE),
        input=pps_pb2.Input(pfs=pps_pb2.PFSInput(repo="data", glob="/*")),
        spec_commit=pfs_pb2.Commit(repo=SPEC, branch=branch, id=id_),
        **fields,
    )


def spec_commit(pfs: Any) -> str:
    """An empty commit of a spec repo, beside its user repo, without a pipeline; returns its id."""
    for repo in (pfs_pb2.Repo(name="p", type="user", project=SPEC.project), SPEC):
        pfs.CreateRepo(pfs_pb2.CreateRepoRequest(repo=repo))
    made = pfs.StartCommit(pfs_pb2.StartCommitRequest(branch=pfs_pb2.Branch(repo=SPEC, name="master")))
    pfs.FinishCommit(pfs_pb2.FinishCommitRequest(commit=made))
    return str(made.id)


def test_it_becomes_the_spec_commit_of_the_first_version(lab: Lab, pfs: Any) -> None:
    lab.put("data", {"/a": "a"})
    id_ = spec_commit(pfs)
    lab.client.create_pipeline_from_request(request(id_))
    info = lab.inspect("p")
    assert (info.version, info.spec_commit.id) == (1, id_)
    assert lab.progress("p") == "SUCCESS 1+0/1"
    assert lab.files("p") == {"/a": "a"}
    lab.update("p", "true", ("data", "/*"))
    assert lab.inspect("p").version == 2
    assert lab.progress("p") == "SUCCESS 0+1/1"


def test_it_must_be_there(lab: Lab, pfs: Any) -> None:
    lab.client.create_repo("data")
    id_ = spec_commit(pfs)
    with pytest.raises(grpc.RpcError, match=r"error inspecting spec commit: .* not found"):
        lab.client.create_pipeline_from_request(request("0" * 12 + "4" + "0" * 19))
    with pytest.raises(grpc.RpcError, match='pipeline "default/p" not found'):
        lab.inspect("p")
    with pytest.raises(grpc.RpcError, match="Cannot update a pipeline and provide a spec commit at the same time"):
        lab.client.create_pipeline_from_request(request(id_, update=True))
