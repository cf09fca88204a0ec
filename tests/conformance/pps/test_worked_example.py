"""The story of two pipelines, step by step: train a model, infer with it, retrain, add and remove data."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conformance.pps.conftest import Lab

TRAIN = "cat /pfs/training/* | tr a-z A-Z > /pfs/out/imdb.p; echo vocabulary > /pfs/out/imdb.vocab"
INFER = 'cat /pfs/model/imdb.p "$reviews" > /pfs/out/$(basename "$reviews")'
INFERENCE = ("inference", INFER, ("reviews", "/*"), ("model", "/"))
MODEL = ("model", TRAIN, ("training", "/"))


def begin(lab: Lab) -> str:
    """Steps 0 to 3; returns the id of the inference job."""
    lab.client.create_repo("reviews")
    lab.put("training", {"/labeled.tsv": "good\n"})
    assert list(lab.client.list_job()) == []
    first = lab.create(*MODEL)
    assert lab.progress("model", first) == "SUCCESS 1+0/1"
    lab.put("reviews", {"/1.txt": "one\n", "/2.txt": "two\n"})
    assert lab.jobs("model") == [first]
    second = lab.create(*INFERENCE)
    assert lab.progress("inference", second) == "SUCCESS 2+0/2"
    assert lab.jobs("model") == [first]
    return second


def test_training_makes_a_model(lab: Lab) -> None:
    put = lab.put("training", {"/labeled.tsv": "good\n"})
    id_ = lab.create(*MODEL)
    assert lab.progress("model") == "SUCCESS 1+0/1"
    assert lab.files("model") == {"/imdb.p": "GOOD\n", "/imdb.vocab": "vocabulary\n"}
    found = [info.commit for info in lab.client.inspect_commit(id_)]
    assert sorted(f"{commit.repo.name}.{commit.repo.type}@{commit.id}" for commit in found) == [
        f"model.meta@{id_}",
        f"model.spec@{id_}",
        f"model.user@{id_}",
        f"training.user@{put}",
    ]


def test_inference_crosses_reviews_with_the_model(lab: Lab) -> None:
    id_ = begin(lab)
    assert lab.files("inference") == {"/1.txt": "GOOD\none\n", "/2.txt": "GOOD\ntwo\n"}
    assert len(list(lab.client.inspect_commit(id_))) == 7


def test_more_workers_change_nothing(lab: Lab) -> None:
    second = begin(lab)
    third = lab.update(*INFERENCE, parallelism_spec={"constant": 10})
    assert lab.progress("inference", third) == "SUCCESS 0+2/2"
    assert lab.inspect("inference").details.workers_requested == 10
    assert lab.jobs("inference", history=0) == [third]
    assert lab.jobs("inference", history=-1) == [third, second]
    assert lab.files("inference") == {"/1.txt": "GOOD\none\n", "/2.txt": "GOOD\ntwo\n"}


def test_reprocessing_runs_everything(lab: Lab) -> None:
    begin(lab)
    lab.update(*INFERENCE, reprocess=True)
    assert lab.progress("inference") == "SUCCESS 2+0/2"


def test_new_code_without_reprocessing_serves_old_results(lab: Lab) -> None:
    begin(lab)
    id_ = lab.update("model", "echo other > /pfs/out/imdb.p", ("training", "/"))
    assert lab.progress("model", id_) == "SUCCESS 0+1/1"
    assert lab.progress("inference", id_) == "SUCCESS 0+2/2"
    assert lab.files("model")["/imdb.p"] == "GOOD\n"


def test_new_code_with_reprocessing_reaches_downstream(lab: Lab) -> None:
    begin(lab)
    id_ = lab.update("model", "echo other > /pfs/out/imdb.p", ("training", "/"), reprocess=True)
    assert [info.job.pipeline.name for info in lab.client.inspect_job(id_, wait=True)] == ["model", "inference"]
    assert lab.progress("model", id_) == "SUCCESS 1+0/1"
    assert lab.progress("inference", id_) == "SUCCESS 2+0/2"
    assert lab.files("inference") == {"/1.txt": "other\none\n", "/2.txt": "other\ntwo\n"}


def test_retraining_to_the_same_bytes_stops_there(lab: Lab) -> None:
    begin(lab)
    id_ = lab.update(*MODEL, reprocess=True)
    assert lab.progress("model", id_) == "SUCCESS 1+0/1"
    assert lab.progress("inference", id_) == "SUCCESS 0+2/2"


def test_new_training_data_retrains_and_infers_again(lab: Lab) -> None:
    begin(lab)
    id_ = lab.put("training", {"/labeled.tsv": "better\n"})
    assert lab.progress("model", id_) == "SUCCESS 1+0/1"
    assert lab.progress("inference", id_) == "SUCCESS 2+0/2"
    assert lab.files("inference", id_)["/1.txt"] == "BETTER\none\n"
    same = lab.put("training", {"/labeled.tsv": "better\n"})
    assert lab.progress("model", same) == "SUCCESS 0+1/1"
    assert lab.progress("inference", same) == "SUCCESS 0+2/2"


def test_reviews_come_and_go(lab: Lab) -> None:
    begin(lab)
    model = lab.newest("model")
    lab.put("reviews", {"/3.txt": "three\n"})
    assert lab.progress("inference") == "SUCCESS 1+2/3"
    lab.client.delete_file(("reviews", "master"), "/1.txt")
    assert lab.progress("inference") == "SUCCESS 0+2/2"
    assert sorted(lab.files("inference")) == ["/2.txt", "/3.txt"]
    lab.client.delete_file(("reviews", "master"), "/")
    assert lab.progress("inference") == "SUCCESS 0+0/0"
    assert lab.files("inference") == {}
    assert lab.newest("model") == model


def test_a_stopped_pipeline_catches_up_with_one_job(lab: Lab) -> None:
    second = begin(lab)
    lab.client.stop_pipeline("inference")
    assert lab.inspect("inference").stopped
    lab.put("reviews", {"/3.txt": "three\n"})
    lab.put("reviews", {"/4.txt": "four\n"})
    assert lab.jobs("inference") == [second]
    lab.client.start_pipeline("inference")
    assert not lab.inspect("inference").stopped
    assert lab.progress("inference") == "SUCCESS 2+2/4"
    assert len(lab.jobs("inference")) == 2


def test_pipelines_first_and_data_later(lab: Lab) -> None:
    lab.client.create_repo("reviews")
    lab.client.create_repo("training")
    lab.create(*MODEL)
    assert lab.progress("model") == "SUCCESS 0+0/0"
    lab.create(*INFERENCE)
    assert lab.progress("inference") == "SUCCESS 0+0/0"
    lab.put("reviews", {"/1.txt": "one\n"})
    assert lab.progress("inference") == "SUCCESS 0+0/0"
    id_ = lab.put("training", {"/labeled.tsv": "good\n"})
    assert lab.progress("model", id_) == "SUCCESS 1+0/1"
    assert lab.progress("inference", id_) == "SUCCESS 1+0/1"
