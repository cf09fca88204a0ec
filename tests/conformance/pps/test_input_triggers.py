"""Sections 3.3, 4.5 and 15.2: pfs inputs with a trigger, which are read from a branch that follows another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest

from tests.conformance.pps.input_specs import create, pfs, request

if TYPE_CHECKING:
    from tests.conformance.pps.conftest import Lab


def test_the_branch_gets_the_trigger(lab: Lab) -> None:
    lab.put("data", {"/a": "a"})
    create(lab, pfs("data", trigger={"size": "10B", "all": True}))
    leaf = lab.inspect("p").details.input.pfs
    assert (leaf.branch, leaf.trigger.branch, leaf.trigger.size) == ("p-trigger-1", "master", "10B")
    branch = lab.client.inspect_branch("data", "p-trigger-1")
    assert branch.trigger == leaf.trigger
    assert lab.progress("p") == "SUCCESS 0+0/0"


def test_branches_are_numbered_in_each_repo(lab: Lab) -> None:
    for repo in "ab":
        lab.client.create_repo(repo)
    leaves = [pfs(repo, trigger={"commits": 2}) for repo in "ab"]
    other = pfs("b", trigger={"commits": 2, "branch": "dev"}, branch="mine", name="c")
    create(lab, {"union": [{"cross": leaves}]})
    found = lab.inspect("p").details.input.union[0].cross
    assert [leaf.pfs.branch for leaf in found] == ["p-trigger-1", "p-trigger-1"]
    create(lab, other, update=True)
    assert lab.client.inspect_branch("b", "mine").trigger.branch == "dev"


def test_a_job_comes_when_the_trigger_fires(lab: Lab) -> None:
    lab.client.create_repo("data")
    first = create(lab, pfs("data", trigger={"commits": 2}), 'cp "$data" /pfs/out/')
    lab.wait("p", first)
    lab.put("data", {"/a": "a"})
    assert lab.jobs("p") == [first]
    lab.put("data", {"/b": "b"})
    info = lab.until(lambda info: info.job.id != first, "p")
    assert lab.progress("p", info.job.id) == "SUCCESS 2+0/2"
    assert lab.files("p") == {"/a": "a", "/b": "b"}
    lab.put("data", {"/c": "c"})
    assert len(lab.jobs("p")) == 2


@pytest.mark.parametrize("trigger", [{"size": "many"}, {"cron_spec": "every day"}, {"commits": -1}])
def test_bad_triggers_are_refused(lab: Lab, trigger: dict[str, Any]) -> None:
    lab.put("data", {"/a": "a"})
    with pytest.raises(grpc.RpcError):
        lab.client.create_pipeline_from_request(request(pfs("data", trigger=trigger)))
    assert [info.repo.name for info in lab.client.list_repo(type="")] == ["data"]
    assert [info.branch.name for info in lab.client.list_branch("data")] == ["master"]


def test_the_output_of_a_pipeline_can_only_be_followed_from_another_branch(lab: Lab) -> None:
    lab.put("data", {"/a": "a"})
    lab.create("first", 'cp "$data" /pfs/out/', ("data", "/*"))
    lab.wait("first")
    with pytest.raises(grpc.RpcError):
        lab.client.create_pipeline_from_request(
            request(pfs("first", branch="master", trigger={"branch": "other", "commits": 1}))
        )
    assert [branch.repo.name for branch in lab.client.inspect_branch("first", "master").direct_provenance].count("data")
    create(lab, pfs("first", trigger={"commits": 1}), 'cp "$first" /pfs/out/')
    lab.put("data", {"/b": "b"})
    lab.wait("first")
    info = lab.until(lambda info: info.data_total, "p")
    assert lab.progress("p", info.job.id) == "SUCCESS 2+0/2"


def test_two_branches_of_a_repo_cannot_be_read_by_one_pipeline(lab: Lab) -> None:
    lab.put("data", {"/a": "a"})
    given = {"union": [pfs("data"), pfs("data", trigger={"commits": 2})]}
    with pytest.raises(grpc.RpcError, match="cannot participate in a DAG"):
        lab.client.create_pipeline_from_request(request(given))
    assert [info.branch.name for info in lab.client.list_branch("data")] == ["master"]


def test_a_pipeline_cannot_read_itself(lab: Lab) -> None:
    lab.put("data", {"/a": "a"})
    create(lab, pfs("data"))
    with pytest.raises(grpc.RpcError):
        lab.client.create_pipeline_from_request(request({"cross": [pfs("data"), pfs("p")]}, update=True))
    assert lab.inspect("p").version == 1
