"""The 1.6 dialect becomes 2.x, and every change is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.specs import Spec, SpecError, load_one, parse

WORKSHOP = Path(__file__).parents[2] / "specs" / "workshop"


def spec(**fields: Any) -> Spec:
    (found,) = parse(json.dumps({"pipeline": {"name": "p"}, **fields}))
    return found


def test_the_workshops_training_spec() -> None:
    found = load_one(WORKSHOP / "train.json")
    assert found.document()["input"] == {"pfs": {"repo": "training", "glob": "/"}}
    assert found.document()["parallelism_spec"] == {"constant": "1"}  # protobuf writes 64-bit numbers as text
    assert found.document()["transform"]["image"] == "kaixhin/neon"
    assert found.notes == ("input: the atom input 'training' became a pfs input",)


def test_the_workshops_inference_spec_keeps_the_order_of_its_inputs() -> None:
    found = load_one(WORKSHOP / "infer.json")
    assert found.document()["input"] == {
        "cross": [{"pfs": {"repo": "reviews", "glob": "/*"}}, {"pfs": {"repo": "model", "glob": "/"}}]
    }
    assert found.request().parallelism_spec.constant == 2
    assert len(found.notes) == 2


def test_what_is_2x_already_is_left_alone() -> None:
    found = spec(
        parallelism_spec={"constant": 3}, job_timeout="5s", input={"pfs": {"repo": "a", "glob": "/*", "branch": "b"}}
    )
    assert found.notes == ()
    assert found.request().job_timeout.seconds == 5
    assert found.request().input.pfs.branch == "b"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            {"input": {"atom": {"repo": "a", "glob": "/", "name": "n", "from_commit": "x", "commit": "y"}}},
            {"input": {"pfs": {"repo": "a", "glob": "/", "name": "n"}}},
        ),
        (
            {"input": {"union": [{"cross": [{"atom": {"repo": "a", "glob": "/"}}]}]}},
            {"input": {"union": [{"cross": [{"pfs": {"repo": "a", "glob": "/"}}]}]}},
        ),
        (
            {"inputs": [{"repo": {"name": "a"}, "glob": "/*"}, {"repo": {"name": "b"}, "glob": "/", "name": "n"}]},
            {
                "input": {
                    "cross": [{"pfs": {"repo": "a", "glob": "/*"}}, {"pfs": {"repo": "b", "glob": "/", "name": "n"}}]
                }
            },
        ),
        ({"inputs": [{"repo": {"name": "a"}, "glob": "/"}]}, {"input": {"pfs": {"repo": "a", "glob": "/"}}}),
        ({"parallelism_spec": {"strategy": "CONSTANT", "constant": "10"}}, {"parallelism_spec": {"constant": 10}}),
        ({"parallelismSpec": {"strategy": "COEFFICIENT", "coefficient": 2}}, {"parallelism_spec": {"constant": 1}}),
        ({"resource_limits": {"gpu": 1}}, {"resource_limits": {"gpu": {"type": "nvidia.com/gpu", "number": 1}}}),
        ({"standby": True}, {"autoscaling": True}),
        ({"scale_down_threshold": "10s"}, {"autoscaling": True}),
        ({"chunk_spec": {"number": 5}}, {"datum_set_spec": {"number": 5}}),
        ({"job_timeout": "1h30m"}, {"job_timeout": "5400s"}),
        ({"datum_timeout": "300ms"}, {"datum_timeout": "0.3s"}),
        ({"enable_stats": True, "incremental": False, "cache_size": "64M"}, {}),
        ({"incremental": True}, {}),
        ({"hashtreeSpec": {"constant": 2}, "maxQueueSize": 4}, {}),
        ({"resource_spec": {"memory": "1G"}}, {"resource_requests": {"memory": "1G"}}),
        ({"spout": {"overwrite": True, "marker": "m"}}, {"spout": {}}),
        ({"input": {"atom": {"repo": "a", "fromCommit": "x"}}}, {"input": {"pfs": {"repo": "a"}}}),
    ],
)
def test_each_old_form_becomes_its_new_one_and_is_noted(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert spec(**old).request() == spec(**new).request()
    assert spec(**old).notes
    assert not spec(**new).notes


def test_an_input_that_2x_cannot_have_is_refused_rather_than_dropped() -> None:
    cross = {"cross": [{"atom": {"repo": "a", "glob": "/"}}, {"git": {"URL": "https://example.com/x.git"}}]}
    with pytest.raises(SpecError, match=r"input\.cross\[1\]\.git: Pachyderm 2\.x has no git inputs; put the"):
        spec(input=cross)


def test_an_image_that_the_cluster_was_to_build_is_refused() -> None:
    with pytest.raises(SpecError, match=r"transform\.build: Pachyderm 2\.x builds no images; name the built one in"):
        spec(transform={"build": {"language": "python"}})
