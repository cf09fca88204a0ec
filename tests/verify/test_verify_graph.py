"""The provenance graph answers what made a commit and what was made from it."""

from __future__ import annotations

import pytest

from harness.report import sample
from harness.verify.graph import Graph


def _ref(entry: str) -> str:
    repo, letter = entry.split("@")
    return f"default/{repo}@{sample.commit_id(letter)}"


@pytest.fixture(scope="module")
def graph() -> Graph:
    return Graph(sample.record())


@pytest.mark.parametrize(
    ("commit", "closure"),
    [
        ("training@t", []),
        ("model@x", ["training@t", "model.spec@x"]),
        ("inference@v", ["reviews@r", "model@v", "inference.spec@i", "training@t", "model.spec@v"]),
        ("inference@y", ["reviews@y", "model@w", "inference.spec@i", "training@w", "model.spec@v"]),
    ],
)
def test_everything_that_went_into_a_commit(graph: Graph, commit: str, closure: list[str]) -> None:
    assert set(graph.closure(_ref(commit))) == {_ref(entry) for entry in closure}


@pytest.mark.parametrize(
    ("commit", "impact"),
    [
        ("inference@y", []),
        ("reviews@y", ["inference@y", "inference.meta@y"]),
        (
            "model.spec@v",
            [
                "model@v",
                "model.meta@v",
                "model@w",
                "model.meta@w",
                *(f"inference{t}@{i}" for t in ("", ".meta") for i in "vwy"),
            ],
        ),
    ],
)
def test_everything_that_a_commit_went_into(graph: Graph, commit: str, impact: list[str]) -> None:
    assert set(graph.impact(_ref(commit))) == {_ref(entry) for entry in impact}


def test_nearest_comes_first(graph: Graph) -> None:
    closure = graph.closure(_ref("inference@i"))
    assert closure.index(_ref("model@x")) < closure.index(_ref("training@t"))


def test_a_result_is_explained_by_data_model_and_code(graph: Graph) -> None:
    explanation = graph.explain(_ref("inference@y"))
    assert {commit.ref for commit in explanation.data} == {_ref("reviews@y"), _ref("training@w")}
    assert [commit.ref for commit in explanation.results] == [_ref("model@w")]
    assert {(version.name, version.version) for version in explanation.code} == {("inference", 1), ("model", 2)}
    assert not explanation.missing


def test_results_are_the_output_commits_of_pipelines(graph: Graph) -> None:
    names = [commit.ref for commit in graph.results()]
    made = ["model@x", "inference@i", "model@v", "inference@v", "model@w", "inference@w", "inference@y"]
    assert names == [_ref(entry) for entry in made]


def test_an_unknown_commit_cannot_be_explained(graph: Graph) -> None:
    with pytest.raises(KeyError):
        graph.explain("default/inference@none")
