"""jq filters over lists of pipelines and jobs, and pipelines written in jsonnet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from python_pachyderm.proto.v2.pps import pps_pb2

if TYPE_CHECKING:
    from tests.conformance.pps.conftest import Lab

TEMPLATE = """
function(repo, glob="/*") [
  { pipeline: { name: "copy-" + repo }, input: { pfs: { repo: repo, glob: glob } }, later: 1,
    transform: { image: "ubuntu:20.04", cmd: ["sh"], stdin: ['cp "$%s" /pfs/out/' % repo] } },
]
"""


@pytest.fixture
def good_and_bad(lab: Lab) -> tuple[Lab, str, str]:
    """Two pipelines over one repo; ids of the set in which one fails, and of that in which both succeed."""
    lab.client.create_repo("data")
    lab.create("good", 'cp "$data" /pfs/out/', ("data", "/*"))
    lab.create("picky", "test ! -e /pfs/data/bad", ("data", "/*"), datum_tries=1)
    bad = lab.put("data", {"/bad": "x"})
    lab.client.delete_file(("data", "master"), "/bad")
    fine = lab.newest("good")
    for id_ in (bad, fine):
        lab.wait("good", id_)
        lab.wait("picky", id_)
    return lab, bad, fine


def names(found: Any) -> list[str]:
    return [info.job.pipeline.name for info in found]


def test_jobs_are_chosen_by_state(good_and_bad: tuple[Lab, str, str], pps: Any) -> None:
    lab, bad, fine = good_and_bad
    failed = list(lab.client.list_job("picky", jqFilter='select(.state == "JOB_FAILURE")'))
    assert [info.job.id for info in failed] == [bad]
    two = lab.client.list_job("good", number=2, jqFilter='.state == "JOB_SUCCESS"')
    assert [info.job.id for info in two] == [fine, bad]
    request = pps_pb2.ListJobRequest(jqFilter='select(.details.transform.cmd[0] == "sh")', details=True)
    assert len(list(pps.ListJob(request))) == len(lab.jobs("good")) + len(lab.jobs("picky"))


def test_numbers_of_64_bits_are_strings(good_and_bad: tuple[Lab, str, str]) -> None:
    lab, bad, _ = good_and_bad
    found = lab.client.list_job("good", jqFilter='.data_total == "1" and .job.pipeline.project.name == "default"')
    assert [info.job.id for info in found] == [bad]


def test_sets_keep_the_jobs_that_pass(good_and_bad: tuple[Lab, str, str], pps: Any) -> None:
    _, bad, fine = good_and_bad
    request = pps_pb2.ListJobSetRequest(jqFilter='select(.state == "JOB_FAILURE")', number=5)
    assert [(found.job_set.id, names(found.jobs)) for found in pps.ListJobSet(request)] == [(bad, ["picky"])]
    request = pps_pb2.ListJobSetRequest(jqFilter='.job.pipeline.name == "good"', number=1)
    assert [(found.job_set.id, names(found.jobs)) for found in pps.ListJobSet(request)] == [(fine, ["good"])]


def test_pipelines_are_chosen_by_what_they_are(good_and_bad: tuple[Lab, str, str]) -> None:
    lab, _, _ = good_and_bad
    lab.client.stop_pipeline("good")
    for jq, expected in (
        ("select(.stopped)", ["good"]),
        ('.details.transform.stdin[0] | startswith("test")', ["picky"]),
        ('select(.type == "PIPELINE_TYPE_TRANSFORM")', ["picky", "good"]),
        ("empty", []),
    ):
        assert [info.pipeline.name for info in lab.client.list_pipeline(jqFilter=jq)] == expected


def test_a_filter_that_is_none(lab: Lab, pps: Any) -> None:
    for call in (
        pps.ListPipeline(pps_pb2.ListPipelineRequest(jqFilter=".[")),
        pps.ListJob(pps_pb2.ListJobRequest(jqFilter=".[")),
        pps.ListJobSet(pps_pb2.ListJobSetRequest(jqFilter=".[")),
    ):
        with pytest.raises(grpc.RpcError, match="error creating message filter function: ") as caught:
            next(call, None)
        assert caught.value.code() is grpc.StatusCode.UNKNOWN


def test_a_template_makes_a_pipeline(lab: Lab, pps: Any) -> None:
    rendered = pps.RenderTemplate(pps_pb2.RenderTemplateRequest(template=TEMPLATE, args={"repo": "data"}))
    assert [spec.pipeline.name for spec in rendered.specs] == ["copy-data"]
    assert '"copy-data"' in rendered.json
    lab.put("data", {"/a": "a"})
    lab.client.create_pipeline_from_request(rendered.specs[0])
    assert lab.progress("copy-data") == "SUCCESS 1+0/1"
    assert rendered.specs[0].input == pps_pb2.Input(pfs=pps_pb2.PFSInput(repo="data", glob="/*"))


@pytest.mark.parametrize(
    ("template", "args"), [("{", {}), ('error "x"', {}), ("function(a) {}", {}), ("function(a) {}", {"b": ""})]
)
def test_a_template_that_fails(lab: Lab, pps: Any, template: str, args: dict[str, str]) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        pps.RenderTemplate(pps_pb2.RenderTemplateRequest(template=template, args=args))
    assert caught.value.code() is grpc.StatusCode.UNKNOWN
