"""The restatement against results recorded from real neon, on the data they were recorded with."""

from __future__ import annotations

import hashlib
import os
import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.images.golden_results import DIGESTS, VOCABULARY, differences, extract, recorded, words_digest
from tests.images.image_modules import image_module
from tests.images.image_programs import infer, train_into

LAYERS = {"embedding": 0, "lstm": 1, "affine": 4, "bias": 5}


@pytest.fixture(scope="module")
def data() -> Path:
    """The folder of the recorded trainings' data; without it, there is nothing to compare."""
    named = os.environ.get("HARNESS_DATA")
    if not named:
        pytest.skip("HARNESS_DATA names no folder with the reviews that neon's results were recorded with")
    for name, digest in DIGESTS.items():
        path = Path(named, name)
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            pytest.skip(f"{path} is not the file that neon's results were recorded with (sha256 {digest})")
    return Path(named)


@pytest.fixture(scope="module")
def reviews(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The 200 reviews that the recorded models were asked about, a file each."""
    folder = tmp_path_factory.mktemp("reviews")
    for number, line in enumerate((data / "moreReviews.tsv").read_bytes().split(b"\n")[1:201]):
        (folder / f"{number:03}.txt").write_bytes(line.split(b"\t")[2])
    return folder


@pytest.fixture(scope="module", params=[1, 2], ids=["1 epoch", "2 epochs"])
def comparison(
    request: pytest.FixtureRequest, data: Path, reviews: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """What neon gave, what the programs give, and the vocabulary."""
    model, output = tmp_path_factory.mktemp("model"), tmp_path_factory.mktemp("predictions")
    trained = train_into(model, data / "labeledTrainData.tsv", "-e", str(request.param), "-r", "0")
    assert trained.returncode == 0, trained.stderr
    judged = infer(model, reviews, output)
    assert judged.returncode == 0, judged.stderr
    predictions = [re.findall(r"\d\S*\d", path.read_text()) for path in sorted(output.iterdir())]
    layers = pickle.loads((model / "imdb.p").read_bytes())["model"]["config"]["layers"]  # noqa: S301 -- just made
    weights = {name: layers[place]["params"]["W"] for name, place in LAYERS.items()}
    split = image_module("labelled").split(750, 0)
    words = list(pickle.loads((model / "imdb.vocab").read_bytes())[1].values())  # noqa: S301 -- just made
    return recorded(request.param), extract(weights, np.array(predictions, dtype=np.float64), split), words


def test_weights_split_and_predictions_are_neons(
    comparison: tuple[dict[str, Any], dict[str, Any], list[str]],
) -> None:
    golden, found, _ = comparison
    assert differences(golden, found) == []


def test_the_vocabulary_is_neons(comparison: tuple[dict[str, Any], dict[str, Any], list[str]]) -> None:
    words = comparison[2]
    assert len(words) == 16316
    assert words_digest(words) == VOCABULARY


@pytest.mark.parametrize("epochs", [1, 2])
def test_what_was_recorded_agrees_with_itself(epochs: int) -> None:
    assert differences(recorded(epochs), recorded(epochs)) == []


def test_the_recorded_epochs_differ_from_each_other() -> None:
    report = differences(recorded(1), recorded(2))
    assert {line.partition(":")[0] for line in report} >= {"lstm", "lstm_column_sums", "embedding", "predictions"}


def made_up_model() -> dict[str, Any]:
    random = np.random.default_rng(5)
    shapes = {"embedding": (20000, 128), "lstm": (257, 512), "affine": (2, 128), "bias": (2, 1)}
    return {name: random.uniform(-0.5, 0.5, shape).astype(np.float32) for name, shape in shapes.items()}


@pytest.mark.parametrize(
    ("name", "place", "shift", "seen_in"),
    [
        ("embedding", (8, 3), 2e-5, "embedding"),
        ("embedding", (9, 3), 1e-3, "embedding_row_sums"),
        ("embedding", (19999, 127), 1e-2, "embedding_total"),
        ("lstm", (16, 0), 2e-5, "lstm"),
        ("lstm", (17, 511), 1e-3, "lstm_column_sums"),
        ("affine", (1, 127), 2e-5, "affine"),
        ("bias", (0, 0), 2e-5, "bias"),
        ("bias", (0, 0), np.nan, "bias"),
    ],
)
def test_one_tampered_weight_is_a_difference(name: str, place: tuple[int, int], shift: float, seen_in: str) -> None:
    predictions, split = np.full((200, 2), 0.5), np.ones(750, dtype=bool)
    golden = extract(made_up_model(), predictions, split)
    model = made_up_model()
    model[name][place] += shift
    report = differences(golden, extract(model, predictions, split))
    assert [line for line in report if line.startswith(f"{seen_in}:")], report


def test_a_tampered_prediction_and_a_row_of_the_split_are_differences() -> None:
    model, predictions, split = made_up_model(), np.full((200, 2), 0.5), np.ones(750, dtype=bool)
    golden = extract(model, predictions, split)
    other, moved = predictions.copy(), split.copy()
    other[199, 1] += 2e-5
    moved[749] = False
    report = differences(golden, extract(model, other, moved))
    assert [line.partition(":")[0] for line in report] == ["predictions", "trained"]
    assert differences(golden, extract(model, predictions[:199], split)) == [
        "predictions: shape (199, 2), not (200, 2)"
    ]
