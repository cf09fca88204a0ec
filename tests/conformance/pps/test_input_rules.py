"""Sections 3.3 and 4.3: what CreatePipeline fills in and refuses of inputs, and what it makes for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.protobuf import json_format

from tests.conformance.pps.input_specs import create, pfs, request

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tests.conformance.pps.conftest import Lab

    Refused = Callable[[grpc.StatusCode, str], AbstractContextManager[None]]

UNKNOWN = grpc.StatusCode.UNKNOWN
DATA, CRON = pfs("data"), {"cron": {"name": "tick", "spec": "@never"}}
OUT = {"pfs": {"repo": "data", "glob": "/", "name": "out"}}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"union": []}, "no input set"),
        ({"cross": [DATA, {}]}, "no input set"),
        ({**DATA, **CRON}, "multiple input types set"),
        ({"join": [DATA], "group": [DATA]}, "multiple input types set"),
        ({"pfs": {"glob": "/"}}, "input must specify a name"),
        ({"cron": {"spec": "@never"}}, "input must specify a name"),
        ({"pfs": {"glob": "/", "name": "in"}}, "input must specify a repo"),
        ({"pfs": {"repo": "data"}}, "input must specify a glob"),
        (OUT, "input cannot be named out"),
        ({"join": [pfs("data", name=".env")]}, "input cannot be named .env"),
        ({"cron": {"name": "out", "spec": "@never"}}, "input cannot be named out"),
        ({"cross": [DATA, DATA]}, 'name "data" was used more than once'),
        ({"join": [DATA, pfs("other", name="data")]}, 'name "data" was used more than once'),
        ({"group": [pfs("data", name="tick"), CRON]}, 'name "tick" was used more than once'),
        ({"cross": [{"union": [DATA, DATA]}, DATA]}, 'name "data" was used more than once'),
        ({"union": [{"cross": [DATA, DATA]}]}, 'name "data" was used more than once'),
        (
            pfs("data", commit="c"),
            "input cannot come from a commit; use a branch with head pointing to the commit",
        ),
        ({"cron": {"name": "tick"}}, "error parsing cron-spec: Empty spec string"),
        ({"join": [pfs("data", "/", s3=True)]}, "S3 inputs in join expressions are not supported"),
        ({"group": [{"cross": [pfs("data", "/", s3=True)]}]}, "S3 inputs in group expressions are not supported"),
        ({"union": [pfs("data", "/", s3=True)]}, "S3 inputs in union expressions are not supported"),
    ],
)
def test_what_is_refused(lab: Lab, refused: Refused, given: dict[str, Any], text: str) -> None:
    lab.client.create_repo("data")
    with refused(UNKNOWN, text):
        lab.client.create_pipeline_from_request(request(given))
    assert [info.repo.name for info in lab.client.list_repo(type="")] == ["data"]


@pytest.mark.parametrize(
    ("given", "beginning"),
    [
        (pfs("out"), "inputs based on repos named \"out\" must have 'name' set"),
        (pfs("data", "/*", s3=True), "inputs that set 's3' to 'true' must also set 'glob', to \"/\", "),
        (pfs("data", "/", s3=True, lazy=True), "input cannot specify both 's3' and 'lazy', "),
        (pfs("data", "/", s3=True, empty_files=True), "input cannot specify both 's3' and 'empty_files', "),
        ({"cron": {"name": "tick", "spec": "every day"}}, "error parsing cron-spec: "),
    ],
)
def test_what_is_refused_at_length(lab: Lab, given: dict[str, Any], beginning: str) -> None:
    lab.client.create_repo("data")
    with pytest.raises(grpc.RpcError) as error:
        lab.client.create_pipeline_from_request(request(given))
    assert error.value.details().startswith(beginning)


def test_union_branches_may_share_a_name(lab: Lab) -> None:
    lab.put("data", {"/a": "a"})
    create(lab, {"union": [DATA, pfs("data", "/b")]})
    assert lab.progress("p") == "SUCCESS 1+0/1"


def test_a_bad_glob_fails_the_job(lab: Lab) -> None:
    lab.put("data", {"/a": "a"})
    job = create(lab, {"join": [pfs("data", "/[a")]})
    assert lab.progress("p", job) == "FAILURE 0+0/0"
    assert "/[a" in lab.wait("p", job).reason


def test_an_input_named_out_may_come_by_another_name(lab: Lab) -> None:
    lab.put("out", {"/a": "a"})
    create(lab, pfs("out", name="in"), "test -e /pfs/in/a")
    assert lab.progress("p") == "SUCCESS 1+0/1"


@pytest.mark.parametrize("repo", ["missing", "data.meta"])
def test_what_is_read_must_exist(lab: Lab, refused: Refused, repo: str) -> None:
    lab.client.create_repo("data")
    name, _, type_ = repo.partition(".")
    with refused(grpc.StatusCode.NOT_FOUND, f"repo default/{repo} not found"):
        lab.client.create_pipeline_from_request(request({"union": [DATA, pfs(name, repo_type=type_, name="x")]}))


@pytest.mark.parametrize("kind", ["cross", "join", "union", "group"])
def test_children_are_sorted_by_the_name_of_their_first_leaf(lab: Lab, kind: str) -> None:
    for repo in "abc":
        lab.client.create_repo(repo)
    children = [{"cross": [pfs("b", name="z"), pfs("c", name="y")]}, CRON, pfs("b", name="x"), pfs("a")]
    create(lab, {kind: children})
    given = getattr(lab.inspect("p").details.input, kind)
    assert [child.pfs.repo or child.cron.name or "cross" for child in given] == ["tick", "a", "b", "cross"]
    assert [child.pfs.name for child in given[3].cross] == ["y", "z"]


def test_defaults_of_a_cron(lab: Lab) -> None:
    job = create(lab, CRON)
    info = lab.inspect("p")
    given = json_format.MessageToDict(info.details.input.cron, preserving_proto_field_name=True)
    assert given.pop("start") == info.details.created_at.ToJsonString()
    assert given == {"name": "tick", "project": "default", "repo": "p_tick", "spec": "@never"}
    details = next(lab.client.inspect_job(job, "p", details=True)).details
    assert details.input.cron.commit == job


def test_the_repo_of_a_cron_comes_and_goes_with_its_pipeline(lab: Lab) -> None:
    create(lab, CRON)
    assert lab.client.inspect_repo("p_tick").description == "Cron tick repo for pipeline default/p."
    upstream = lab.client.inspect_branch("p", "master").direct_provenance
    assert {(branch.repo.name, branch.repo.type) for branch in upstream} == {("p_tick", "user"), ("p", "spec")}
    lab.client.delete_pipeline("p")
    assert list(lab.client.list_repo(type="")) == []


def test_a_cron_may_use_a_repo_that_is_there(lab: Lab) -> None:
    lab.put("ticks", {"/2024-01-01T00:00:00Z": ""})
    create(lab, {"cron": {"name": "tick", "spec": "@never", "repo": "ticks"}}, 'basename "$tick" > /pfs/out/seen')
    assert lab.progress("p") == "SUCCESS 1+0/1"
    assert lab.files("p") == {"/seen": "2024-01-01T00:00:00Z\n"}
    lab.client.delete_pipeline("p")
    assert [info.repo.name for info in lab.client.list_repo()] == ["ticks"]


def test_each_tick_is_a_datum(lab: Lab) -> None:
    lab.put("data", {"/a": "a"})
    create(lab, {"cross": [DATA, CRON]}, 'cp "$data" "/pfs/out/$(basename $tick)"')
    assert lab.progress("p") == "SUCCESS 0+0/0"
    lab.put("p_tick", {"/one": ""})
    assert lab.progress("p") == "SUCCESS 1+0/1"
    lab.put("p_tick", {"/two": ""})
    assert lab.progress("p") == "SUCCESS 1+1/2"
    assert lab.files("p") == {"/one": "a", "/two": "a"}


def test_a_pipeline_can_read_what_another_did(lab: Lab) -> None:
    lab.put("data", {"/a": "a", "/b": "b"})
    lab.create("first", 'cp "$data" /pfs/out/', ("data", "/*"))
    given = {"union": [pfs("first", "/pfs/*/out/a", repo_type="meta", name="meta"), pfs("first", "/b")]}
    create(lab, given, 'find /pfs/meta /pfs/first -type f 2>/dev/null | xargs cat > "/pfs/out/$PACH_DATUM_ID"')
    assert lab.progress("p") == "SUCCESS 2+0/2"
    assert sorted(lab.files("p").values()) == ["a", "b"]


def test_inputs_that_failed_are_told_by_name(lab: Lab) -> None:
    lab.put("data", {"/a": "a"})
    lab.create("first", "exit 1", ("data", "/*"), datum_tries=1)
    lab.wait("first")
    given = {"cross": [CRON, {"union": [pfs("data"), pfs("first", name="x")]}, pfs("first", name="y")]}
    create(lab, given)
    info = lab.wait("p")
    assert info.reason == "unrunnable because the following upstream pipelines failed: x, y"
