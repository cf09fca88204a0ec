"""What CreatePipeline accepts, fills in and refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.protobuf import json_format
from python_pachyderm.proto.v2.pps import pps_pb2

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tests.conformance.pps.conftest import Lab

    Refused = Callable[[grpc.StatusCode, str], AbstractContextManager[None]]

IMAGE = "ubuntu:20.04"
UNKNOWN = grpc.StatusCode.UNKNOWN
PFS = {"pfs": {"repo": "data", "glob": "/"}}


def request(**changes: Any) -> Any:
    """A good request with changes; a field changed to None is left out."""
    spec = {"pipeline": {"name": "p"}, "transform": {"cmd": ["true"], "image": IMAGE}, "input": PFS, **changes}
    message = pps_pb2.CreatePipelineRequest()
    return json_format.ParseDict({field: value for field, value in spec.items() if value is not None}, message)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"pipeline": None}, "request.Pipeline cannot be nil"),
        ({"pipeline": {"name": ""}}, "invalid pipeline spec: request.Pipeline.Name cannot be empty"),
        (
            {"pipeline": {"name": "a.b"}},
            "invalid pipeline name: name (a.b) invalid: only alphanumeric characters, underscores, and dashes "
            "are allowed",
        ),
        ({"pipeline": {"name": "-a"}}, "pipeline names must start with an alphanumeric character"),
        ({"pipeline": {"name": "a" * 52}}, f'pipeline name "{"a" * 52}" is 1 characters longer than the 51 max'),
        ({"transform": None}, "pipeline must specify a transform"),
        ({"transform": None, "spout": {}, "s3_out": True}, "s3 output is not supported in spouts or services"),
        ({"service": {}, "s3_out": True}, "s3 output is not supported in spouts or services"),
        (
            {"spout": {}, "autoscaling": True, "tf_job": {}},
            "autoscaling can't be used with spouts (spouts aren't triggered externally)",
        ),
        (
            {"tolerations": [{"operator": "EQUAL"}, {"key": "k"}]},
            "toleration 2/2: cannot omit key/value comparison operator; specify EQUAL or EXISTS",
        ),
        ({"pod_spec": "{}", "pod_patch": "[{]"}, "malformed PodPatch"),
        ({"tf_job": {}}, "embedding TFJobs in pipelines is not supported yet"),
        (
            {"reprocess_spec": "never"},
            "invalid pipeline spec: ReprocessSpec must be one of 'until_success' or 'every_job'",
        ),
        ({"input": None}, "no input set"),
        ({"input": {"cross": []}}, "no input set"),
        ({"input": {**PFS, "cron": {"name": "c", "spec": "@daily"}}}, "multiple input types set"),
    ],
)
def test_bad_specs(lab: Lab, refused: Refused, changes: dict[str, Any], text: str) -> None:
    lab.client.create_repo("data")
    with refused(UNKNOWN, text):
        lab.client.create_pipeline_from_request(request(**changes))
    assert [info.repo.name for info in lab.client.list_repo(type="")] == ["data"]


@pytest.mark.parametrize(
    ("changes", "feature"),
    [
        ({"input": {"pfs": {"repo": "data", "glob": "/", "s3": True}}}, "input.pfs.s3"),
        ({"egress": {"sql_database": {"url": "pg://x"}}}, "egress.sql_database"),
        ({"s3_out": True}, "s3_out"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_implemented_is_refused_by_name(
    lab: Lab, refused: Refused, changes: dict[str, Any], feature: str
) -> None:
    lab.client.create_repo("data")
    text = f"pipeline default/p: {feature} is not implemented by the embedded cluster; docs/compatibility.md"
    with refused(grpc.StatusCode.UNIMPLEMENTED, f"{text} lists what is"):
        lab.client.create_pipeline_from_request(request(**changes))
    assert [info.repo.name for info in lab.client.list_repo(type="")] == ["data"]


def test_names_that_are_taken_or_missing(lab: Lab, refused: Refused) -> None:
    with refused(grpc.StatusCode.NOT_FOUND, "repo default/data not found"):
        lab.client.create_pipeline_from_request(request())
    lab.client.create_repo("data")
    lab.client.create_pipeline_from_request(request())
    with refused(grpc.StatusCode.ALREADY_EXISTS, 'pipeline "default/p" already exists'):
        lab.client.create_pipeline_from_request(request())
    with refused(UNKNOWN, 'pipeline "data" cannot be created because a repo with the same name already exists'):
        lab.client.create_pipeline_from_request(request(pipeline={"name": "data"}))
    with pytest.raises(grpc.RpcError, match="cannot delete a repo associated with a pipeline"):
        lab.client.delete_repo("p")


def test_defaults_are_filled_in(lab: Lab) -> None:
    lab.client.create_repo("data")
    lab.client.create_pipeline_from_request(request(input={"pfs": {"repo": "data", "glob": "dir/*/"}}))
    info = lab.inspect("p")
    assert json_format.MessageToDict(info.details.input, preserving_proto_field_name=True) == {
        "pfs": {
            "project": "default",
            "name": "data",
            "repo": "data",
            "repo_type": "user",
            "branch": "master",
            "glob": "/dir/*",
        }
    }
    assert (info.version, info.parallelism, info.details.datum_tries) == (1, 1, 3)
    assert (info.details.output_branch, info.details.reprocess_spec) == ("master", "until_success")
    assert len(info.details.salt) == 32
    assert not info.details.HasField("parallelism_spec")


@pytest.mark.parametrize(("named", "order"), [(False, ["b", "a"]), (True, ["a", "b"])])
def test_crossed_inputs_are_sorted_by_explicit_names_only(lab: Lab, named: bool, order: list[str]) -> None:
    leaves: list[dict[str, Any]] = []
    for repo in ("b", "a"):
        lab.client.create_repo(repo)
        leaves.append({"pfs": {"repo": repo, "glob": "/", **({"name": repo} if named else {})}})
    lab.client.create_pipeline_from_request(request(input={"cross": leaves}))
    assert [child.pfs.name for child in lab.inspect("p").details.input.cross] == order


def test_versions_are_kept(lab: Lab, refused: Refused) -> None:
    lab.client.create_repo("data")
    for description in ("one", "two", "three"):
        lab.client.create_pipeline_from_request(request(description=description, update=True))
    found = list(lab.client.list_pipeline(history=-1))
    assert [(info.version, info.details.description) for info in found] == [(3, "three"), (2, "two"), (1, "one")]
    assert len({info.details.salt for info in found}) == 1
    assert [info.version for info in lab.client.list_pipeline()] == [3]
    assert lab.inspect("p^").version == 2
    assert lab.inspect("p~2").version == 1
    with refused(UNKNOWN, 'pipeline "default/p" has only 3 versions, not enough to find ancestor 3'):
        lab.inspect("p^3")


def test_missing_pipelines(lab: Lab, refused: Refused) -> None:
    missing = 'pipeline "default/p" not found'
    prefix = 'pipeline was not inspected: couldn\'t find up to date spec for pipeline "default/p": '
    with refused(grpc.StatusCode.NOT_FOUND, prefix + missing):
        lab.inspect("p")
    with refused(grpc.StatusCode.NOT_FOUND, missing):
        lab.client.start_pipeline("p")
    lab.client.stop_pipeline("p")
    lab.client.delete_pipeline("p")


def test_deleting_a_pipeline_that_others_read(lab: Lab) -> None:
    lab.put("data", {"/a": "a"})
    lab.create("first", "true", ("data", "/"))
    lab.create("second", "true", ("first", "/"))
    with pytest.raises(grpc.RpcError, match="as subvenance, deleting it would break those branches"):
        lab.client.delete_pipeline("first")
    assert lab.inspect("first").stopped
    lab.client.delete_pipeline("first", force=True)
    assert [info.pipeline.name for info in lab.client.list_pipeline()] == ["second"]
    lab.client.delete_all_pipelines()
    assert sorted(info.repo.name for info in lab.client.list_repo(type="")) == ["data"]


def test_keeping_the_output_of_a_deleted_pipeline(lab: Lab) -> None:
    lab.put("data", {"/a": "a"})
    lab.create("first", "echo x > /pfs/out/x", ("data", "/"))
    lab.wait("first")
    lab.client.delete_pipeline("first", keep_repo=True)
    assert lab.files("first") == {"/x": "x\n"}
    lab.put("first", {"/y": "y"})
    assert lab.files("first") == {"/x": "x\n", "/y": "y"}
