"""Starting, stopping, updating, inspecting and deleting pipelines, and what that does around them (4 and 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.protobuf import empty_pb2
from python_pachyderm.proto.v2.pfs import pfs_pb2
from python_pachyderm.proto.v2.pps import pps_pb2

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tests.conformance.pps.conftest import Lab

    Refused = Callable[[grpc.StatusCode, str], AbstractContextManager[None]]


@pytest.fixture
def chain(lab: Lab) -> Lab:
    """data, first, second; all done."""
    lab.put("data", {"/a": "a"})
    lab.create("first", "cp /pfs/data/* /pfs/out/", ("data", "/"))
    lab.create("second", "cp /pfs/first/* /pfs/out/", ("first", "/"))
    lab.wait("second")
    return lab


def commits(lab: Lab) -> int:
    return len(list(lab.client.list_commit()))


def provenance(lab: Lab, repo: str) -> set[str]:
    return {branch.repo.name for branch in lab.client.inspect_branch(repo, "master").direct_provenance}


def test_5_3_stopping_makes_nothing_new_and_cuts_the_chain(chain: Lab) -> None:
    before = commits(chain)
    chain.client.stop_pipeline("first")
    chain.client.stop_pipeline("first")
    chain.client.stop_pipeline("nothing")
    assert commits(chain) == before
    assert provenance(chain, "first") == set()
    assert provenance(chain, "second") == {"first", "second"}
    second = chain.jobs("second")
    chain.put("data", {"/b": "b"})
    assert (len(chain.jobs("first")), chain.jobs("second")) == (1, second)
    assert chain.files("first") == {"/a": "a"}


def test_5_4_starting_makes_one_run_here_and_downstream(chain: Lab, refused: Refused) -> None:
    chain.client.stop_pipeline("first")
    for name in ("/b", "/c"):
        chain.put("data", {name: name})
    chain.client.start_pipeline("first")
    id_ = chain.newest("first")
    assert provenance(chain, "first") == {"data", "first"}
    assert chain.newest("second") == id_
    assert chain.progress("second", id_) == "SUCCESS 1+0/1"
    assert sorted(chain.files("second")) == ["/a", "/b", "/c"]
    assert (len(chain.jobs("first")), len(chain.jobs("second"))) == (2, 2)
    with refused(grpc.StatusCode.NOT_FOUND, 'pipeline "default/nothing" not found'):
        chain.client.start_pipeline("nothing")


def test_4_6_an_update_runs_everything_downstream_and_keeps_the_past(chain: Lab) -> None:
    first, second = chain.jobs("first"), chain.jobs("second")
    id_ = chain.update("first", "true", ("data", "/"), salt="other", description="new")
    assert chain.jobs("first") == [id_, *first]
    assert chain.jobs("second") == [id_, *second]
    assert chain.progress("second", id_) == "SUCCESS 0+1/1"
    info, before = chain.client.inspect_pipeline("first", history=-1)
    assert (info.version, before.version, info.details.description) == (2, 1, "new")
    assert info.details.salt == before.details.salt
    assert info.details.created_at.ToNanoseconds() > before.details.created_at.ToNanoseconds()
    assert chain.files("first", first[0]) == {"/a": "a"}
    chain.update("first", "true", ("data", "/"), reprocess=True)
    assert chain.inspect("first").details.salt != before.details.salt


def test_4_6_an_update_may_read_something_else(chain: Lab) -> None:
    chain.put("other", {"/o": "o"})
    id_ = chain.update("first", "cp /pfs/other/* /pfs/out/", ("other", "/"))
    assert chain.progress("first", id_) == "SUCCESS 1+0/1"
    assert chain.progress("second", id_) == "SUCCESS 1+0/1"
    assert chain.files("second", id_) == {"/o": "o"}
    before = chain.jobs("first")
    chain.put("data", {"/b": "b"})
    assert chain.jobs("first") == before
    assert provenance(chain, "first") == {"other", "first"}


def test_4_6_updating_what_is_not_there_creates_it(lab: Lab) -> None:
    lab.put("data", {"/a": "a"})
    id_ = lab.update("p", "true", ("data", "/"), reprocess=True)
    assert lab.progress("p", id_) == "SUCCESS 1+0/1"
    assert lab.inspect("p").version == 1


def test_5_1_earlier_versions_by_name(chain: Lab, pps: Any) -> None:
    for text in ("two", "three"):
        chain.update("first", "true", ("data", "/"), description=text)

    def inspect(name: str) -> str:
        request = pps_pb2.InspectPipelineRequest(pipeline=pps_pb2.Pipeline(name=name), details=True)
        return str(pps.InspectPipeline(request).details.description)

    assert [inspect(name) for name in ("first", "first^", "first~1", "first^^", "first^2", "first~2")] == [
        *("three", "two", "two", "", "", "")
    ]
    for name, text in (
        ("first^3", 'pipeline "default/first" has only 3 versions, not enough to find ancestor 3'),
        ("first.1", "cannot inspect future pipelines"),
        ("first^~", 'invalid ancestry syntax "first^~", cannot mix ^ and ~ characters'),
        ("nothing", "pipeline was not inspected: couldn't find up to date spec for pipeline"),
    ):
        with pytest.raises(grpc.RpcError) as caught:
            inspect(name)
        assert text in str(caught.value.details())


def test_5_2_lists(chain: Lab, pps: Any) -> None:
    set_ = chain.newest("second")
    chain.update("first", "true", ("data", "/"))

    def listed(**fields: Any) -> list[tuple[str, int]]:
        infos = pps.ListPipeline(pps_pb2.ListPipelineRequest(**fields))
        return [(info.pipeline.name, info.version) for info in infos]

    first = pps_pb2.Pipeline(name="first")
    assert listed() == [("first", 2), ("second", 1)]
    assert listed(history=-1) == listed(history=2**62) == [("first", 2), ("second", 1), ("first", 1)]
    assert (
        listed(pipeline=first, history=1) == listed(pipeline=first, history=2**63 - 1) == [("first", 2), ("first", 1)]
    )
    assert listed(pipeline=first) == [("first", 2)]
    assert listed(commit_set=pfs_pb2.CommitSet(id=set_)) == [("second", 1), ("first", 1)]
    assert listed(commit_set=pfs_pb2.CommitSet(id=chain.newest("first"))) == listed()
    assert listed(projects=[pfs_pb2.Project(name="other")]) == []
    info = next(iter(pps.ListPipeline(pps_pb2.ListPipelineRequest())))
    assert (info.HasField("details"), info.details.workers_requested) == (True, 0)
    with pytest.raises(grpc.RpcError) as caught:
        listed(pipeline=pps_pb2.Pipeline(name="nothing"))
    assert caught.value.details() == 'could not list pipeline info: pipeline "default/nothing" not found'
    assert not pps.InspectPipeline(pps_pb2.InspectPipelineRequest(pipeline=first)).HasField("details")


def test_5_5_a_refused_deletion_leaves_the_pipeline_stopped(chain: Lab) -> None:
    with pytest.raises(grpc.RpcError, match=r"as subvenance, deleting it would break those branches"):
        chain.client.delete_pipeline("first")
    assert chain.inspect("first").stopped
    chain.client.start_pipeline("first")
    chain.client.delete_pipeline("first", force=True)
    chain.client.delete_pipeline("first")
    assert provenance(chain, "second") == {"second"}
    chain.wait("second")
    assert [info.repo.name for info in chain.client.list_repo(type="")] == ["second"] * 3 + ["data"]


def test_5_6_deleting_many(chain: Lab, pps: Any) -> None:
    default, other = pfs_pb2.Project(name="default"), pfs_pb2.Project(name="other")
    assert list(pps.DeletePipelines(pps_pb2.DeletePipelinesRequest()).pipelines) == []
    assert list(pps.DeletePipelines(pps_pb2.DeletePipelinesRequest(projects=[other])).pipelines) == []
    reply = pps.DeletePipelines(pps_pb2.DeletePipelinesRequest(projects=[default], keep_repo=True))
    assert sorted(pipeline.name for pipeline in reply.pipelines) == ["first", "second"]
    assert list(pps.ListJob(pps_pb2.ListJobRequest(history=-1))) == []
    assert {(info.repo.name, info.repo.type) for info in chain.client.list_repo(type="")} == {
        *(("data", "user"), ("first", "user"), ("second", "user"))
    }
    assert chain.files("second") == {"/a": "a"}
    chain.put("first", {"/b": "b"})
    pps.DeleteAll(empty_pb2.Empty())


def test_requests_without_a_pipeline(lab: Lab, pps: Any, refused: Refused) -> None:
    for call, request in (
        (pps.StartPipeline, pps_pb2.StartPipelineRequest()),
        (pps.StopPipeline, pps_pb2.StopPipelineRequest()),
        (pps.CreatePipeline, pps_pb2.CreatePipelineRequest()),
    ):
        with refused(grpc.StatusCode.UNKNOWN, "request.Pipeline cannot be nil"):
            call(request)
    with refused(grpc.StatusCode.UNKNOWN, "unimplemented"):
        pps.RunPipeline(pps_pb2.RunPipelineRequest())
