"""Variants of a spec are new specs."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.specs import Spec, SpecError, load_one, pfs_inputs

SPECS = Path(__file__).parents[2] / "specs"
TRAIN, INFER = load_one(SPECS / "train.json"), load_one(SPECS / "infer.json")


def test_a_variant_leaves_the_original_as_it_was() -> None:
    before = INFER.request()
    variant = INFER.with_(name="i", project="p", image="x", parallelism=10, cmd=["true"], glob={"reviews": "/"})
    request = variant.request()
    assert INFER.request() == before
    assert (request.pipeline.name, request.pipeline.project.name) == ("i", "p")
    assert (request.transform.image, list(request.transform.cmd)) == ("x", ["true"])
    assert request.parallelism_spec.constant == 10
    assert [(leaf.repo, leaf.glob) for leaf in pfs_inputs(request.input)] == [("reviews", "/"), ("model", "/")]


def test_requests_are_the_callers_own() -> None:
    TRAIN.request().pipeline.name = "mine"
    assert TRAIN.name == "model"


def test_the_variants_on_disk_differ_only_in_what_their_names_say() -> None:
    def undescribed(spec: Spec) -> object:
        request = spec.request()
        request.ClearField("description")
        return request

    two_epochs, ten_workers = load_one(SPECS / "train-two-epochs.json"), load_one(SPECS / "infer-ten-workers.json")
    assert undescribed(two_epochs) == undescribed(TRAIN.with_option("-e", "2"))
    assert undescribed(ten_workers) == undescribed(INFER.with_(parallelism=10))


def test_changing_what_is_not_there_is_refused() -> None:
    with pytest.raises(SpecError, match=r"train\.json: its command has no --epochs; use one of its own: python"):
        TRAIN.with_option("--epochs", "2")
    with pytest.raises(SpecError, match="it does not read repo 'review'"):
        INFER.with_(glob={"review": "/"})
