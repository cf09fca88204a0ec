"""The variants of the story: other orders, failures, updates while a job runs, names given or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from python_pachyderm.proto.v2.pps import pps_pb2

from tests.conformance.pps.conftest import IMAGE
from tests.conformance.pps.test_worked_example import INFER, INFERENCE, MODEL, TRAIN, begin

if TYPE_CHECKING:
    from tests.conformance.pps.conftest import Lab


def inference(names: dict[str, str], **fields: Any) -> Any:
    """The pipeline with names for its inputs, in the order reviews, model."""
    leaves = [
        pps_pb2.Input(pfs=pps_pb2.PFSInput(repo=repo, glob=glob, name=names.get(repo, "")))
        for repo, glob in (("reviews", "/*"), ("model", "/"))
    ]
    return pps_pb2.CreatePipelineRequest(
        pipeline=pps_pb2.Pipeline(name="inference"),
        transform=pps_pb2.Transform(cmd=["sh"], stdin=[INFER], image=IMAGE),
        input=pps_pb2.Input(cross=leaves),
        **fields,
    )


def test_appended_training_data_counts_as_new(lab: Lab) -> None:
    begin(lab)
    lab.client.put_file_bytes(("training", "master"), "/labeled.tsv", b"more\n", append=True)
    id_ = lab.newest("model")
    assert lab.progress("model", id_) == "SUCCESS 1+0/1"
    assert lab.progress("inference", id_) == "SUCCESS 2+0/2"
    assert lab.files("model")["/imdb.p"] == "GOOD\nMORE\n"


def test_reviews_in_two_commits_are_two_runs(lab: Lab) -> None:
    lab.client.create_repo("reviews")
    lab.put("training", {"/labeled.tsv": "good\n"})
    lab.create(*MODEL)
    lab.create(*INFERENCE)
    assert lab.progress("inference") == "SUCCESS 0+0/0"
    first = lab.put("reviews", {"/1.txt": "one\n"})
    second = lab.put("reviews", {"/2.txt": "two\n"})
    assert lab.progress("inference", first) == "SUCCESS 1+0/1"
    assert lab.progress("inference", second) == "SUCCESS 1+1/2"
    assert first not in lab.jobs("model")


def test_a_model_that_differs_each_time_is_applied_each_time(lab: Lab) -> None:
    lab.put("training", {"/labeled.tsv": "good\n"})
    lab.put("reviews", {"/1.txt": "one\n"})
    stamped = ("model", "date +%N > /pfs/out/imdb.p", ("training", "/"))
    lab.create(*stamped)
    lab.create(*INFERENCE)
    assert lab.progress("inference") == "SUCCESS 1+0/1"
    id_ = lab.update(*stamped, reprocess=True)
    assert lab.progress("model", id_) == "SUCCESS 1+0/1"
    assert lab.progress("inference", id_) == "SUCCESS 1+0/1"


def test_what_comes_after_a_failed_training_waits_for_a_good_one(lab: Lab) -> None:
    lab.client.create_repo("reviews")
    lab.put("training", {"/labeled.tsv": "good\n"})
    lab.create(
        "model", f"if grep -q broken /pfs/training/*; then exit 1; fi; {TRAIN}", ("training", "/"), datum_tries=1
    )
    lab.create(*INFERENCE)
    lab.put("reviews", {"/1.txt": "one\n"})
    assert lab.progress("inference") == "SUCCESS 1+0/1"
    reason = "unrunnable because the following upstream pipelines failed: model"
    broken = lab.put("training", {"/labeled.tsv": "broken\n"})
    assert lab.wait("model", broken).state == pps_pb2.JOB_FAILURE
    later = lab.put("reviews", {"/2.txt": "two\n"})
    for id_ in (broken, later):
        info = lab.wait("inference", id_)
        assert (info.state, info.reason) == (pps_pb2.JOB_UNRUNNABLE, reason)
    mended = lab.put("training", {"/labeled.tsv": "good\n"})
    assert lab.progress("model", mended) == "SUCCESS 0+1/1"
    assert lab.progress("inference", mended) == "SUCCESS 1+1/2"


def test_an_update_while_a_job_runs(lab: Lab) -> None:
    second = begin(lab)
    lab.update("inference", f"echo begun; sleep 600; {INFER}", ("reviews", "/*"), ("model", "/"))
    assert lab.progress("inference") == "SUCCESS 0+2/2"
    hanging = lab.put("reviews", {"/3.txt": "three\n"})
    lines = lab.client.get_job_logs("inference", hanging, follow=True)
    next(line for line in lines if line.user and line.message == "begun")
    last = lab.update(*INFERENCE, parallelism_spec={"constant": 10})
    assert lab.wait("inference", hanging).state == pps_pb2.JOB_KILLED
    assert lab.progress("inference", last) == "SUCCESS 1+2/3"
    assert lab.jobs("inference", history=0) == [last]
    assert lab.jobs("inference")[-1] == second


def test_naming_the_inputs_runs_everything_once_more(lab: Lab) -> None:
    begin(lab)
    names = {"reviews": "reviews", "model": "model"}
    lab.client.create_pipeline_from_request(inference(names, update=True))
    assert [leaf.pfs.name for leaf in lab.inspect("inference").details.input.cross] == ["model", "reviews"]
    assert lab.progress("inference") == "SUCCESS 2+0/2"
    lab.client.create_pipeline_from_request(inference(names, update=True))
    assert lab.progress("inference") == "SUCCESS 0+2/2"
    lab.client.create_pipeline_from_request(inference({}, update=True))
    assert [leaf.pfs.name for leaf in lab.inspect("inference").details.input.cross] == ["reviews", "model"]
    assert lab.progress("inference") == "SUCCESS 2+0/2"
