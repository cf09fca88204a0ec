"""What train.py leaves and shows."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.images.image_programs import ROWS, train, train_into, tsv

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("autograd", reason="autograd, which train.py computes gradients with, is not installed")


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "labeledTrainData.tsv"
    path.parent.mkdir()
    path.write_bytes(tsv())
    return path


def model_bytes(folder: Path) -> tuple[bytes, bytes]:
    return (folder / "imdb.p").read_bytes(), (folder / "imdb.vocab").read_bytes()


def load(path: Path) -> Any:
    return pickle.loads(path.read_bytes())  # noqa: S301 -- just made


def test_the_same_input_gives_the_same_bytes_whatever_the_environment(
    reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert train_into(tmp_path / "a", reviews, "-e", "2").returncode == 0
    monkeypatch.setenv("PYTHONHASHSEED", "77")
    monkeypatch.setenv("LANG", "C")
    assert train_into(tmp_path / "b", reviews, "-e", "2").returncode == 0
    assert model_bytes(tmp_path / "a") == model_bytes(tmp_path / "b")


def test_the_seed_is_0_unless_given(reviews: Path, tmp_path: Path) -> None:
    for name, seed in (("none", []), ("zero", ["-r", "0"]), ("one", ["-r", "1"])):
        assert train_into(tmp_path / name, reviews, "-e", "1", *seed).returncode == 0
    assert model_bytes(tmp_path / "none") == model_bytes(tmp_path / "zero")
    assert model_bytes(tmp_path / "none")[0] != model_bytes(tmp_path / "one")[0]


def test_neons_own_split_differs_from_run_to_run(reviews: Path, tmp_path: Path) -> None:
    for name in "ab":
        assert train_into(tmp_path / name, reviews, "-e", "1", "-r", "0", "--faithful-split").returncode == 0
    first, second = model_bytes(tmp_path / "a"), model_bytes(tmp_path / "b")
    assert first[0] != second[0]
    assert first[1] == second[1]  # the words of all reviews count, trained on or not


def test_one_review_more_gives_another_model_and_nothing_is_left_beside_the_reviews(
    reviews: Path, tmp_path: Path
) -> None:
    assert train_into(tmp_path / "a", reviews, "-e", "1").returncode == 0
    reviews.write_bytes(tsv([*ROWS, ("x_1", 0, "a sad film")]))
    assert train_into(tmp_path / "b", reviews, "-e", "1").returncode == 0
    assert model_bytes(tmp_path / "a")[0] != model_bytes(tmp_path / "b")[0]
    assert "sad" in load(tmp_path / "b" / "imdb.vocab")[0]
    assert list(reviews.parent.iterdir()) == [reviews]
    assert sorted(path.name for path in (tmp_path / "b").iterdir()) == ["imdb.p", "imdb.vocab"]


def test_the_files_have_neons_structure(reviews: Path, tmp_path: Path) -> None:
    assert train_into(tmp_path / "m", reviews, "-e", "2", "-r", "7").returncode == 0
    content = load(tmp_path / "m" / "imdb.p")
    assert content["backend"]["type"] == "cpu"
    assert content["backend"]["rng_seed"] == 7
    assert (content["train_input_shape"], content["epoch_index"]) == (128, 1)
    assert content["neon_version"].startswith("none")
    model = content["model"]
    assert (model["type"], model["container"]) == ("Sequential", True)
    layers = model["config"]["layers"]
    kinds = ["LookupTable", "LSTM", "RecurrentSum", "Dropout", "Linear", "Bias", "Activation"]
    assert [layer["type"] for layer in layers] == kinds
    shapes = {layer["type"]: layer["params"]["W"].shape for layer in layers if "params" in layer}
    assert shapes == {"LookupTable": (20000, 128), "LSTM": (257, 512), "Linear": (2, 128), "Bias": (2, 1)}
    for layer in layers:
        if "params" in layer:
            assert layer["states"][0].shape == layer["params"]["W"].shape
            assert layer["params"]["W"].dtype == layer["states"][0].dtype == np.float32
    assert not layers[0]["params"]["W"][0].any()  # padding
    words, ids = load(tmp_path / "m" / "imdb.vocab")
    assert list(words)[:2] == ["film", "number"]
    assert {number: word for word, number in words.items()} == ids


def test_every_epoch_is_shown_and_measured_as_often_as_asked(reviews: Path, tmp_path: Path) -> None:
    run = train(
        "-f", reviews, "-e", "3", "-eval", "2", "-s", tmp_path / "imdb.p", "--vocab_file", tmp_path / "imdb.vocab"
    )
    shown = run.stdout.splitlines()
    assert shown[0] == "60 reviews, 64 words; training on 51, holding out 9"
    assert [line.split(":")[0] for line in shown[1:]] == ["epoch 1 of 3", "epoch 2 of 3", "epoch 3 of 3"]
    assert ["accuracy" in line for line in shown[1:]] == [False, True, False]
    assert run.stderr == ""


def test_help_teaches() -> None:
    run = train("--help")
    assert run.returncode == 0
    assert all(word in run.stdout for word in ("-eval", "--faithful-split", "seed", "Exit codes", "Example:"))
