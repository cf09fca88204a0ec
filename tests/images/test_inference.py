"""What auto_inference.py makes of reviews, and what it refuses."""

from __future__ import annotations

import os
import pickle
import re
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.images.image_programs import infer, train_into, tsv

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("autograd", reason="autograd, which the model under test is trained with, is not installed")

LINE = re.compile(r"Pred - \[\[ (\d\.\d+(?:e-\d+)?) {1,4}(\d\.\d+(?:e-\d+)?) *\]\]\n")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    (folder / "labeledTrainData.tsv").write_bytes(tsv())
    assert train_into(folder, folder / "labeledTrainData.tsv", "-e", "2").returncode == 0
    return folder


def write(folder: Path, reviews: dict[str, bytes]) -> Path:
    for name, text in reviews.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text)
    return folder


def contents(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_each_review_gets_one_line_in_a_file_of_its_name(model: Path, tmp_path: Path) -> None:
    reviews = write(tmp_path / "reviews", {"1.txt": b"a good film", "sub/two words": b"bad", "empty": b""})
    run = infer(model, reviews, tmp_path / "out")
    assert run.returncode == 0, run.stderr
    found = contents(tmp_path / "out")
    assert found.keys() == {"1.txt", "sub/two words", "empty"}
    for line in found.values():
        match = LINE.fullmatch(line)
        assert match, line
        assert float(match[1]) + float(match[2]) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("bias", "line"),
    [((0, 0), "Pred - [[ 0.5  0.5]]\n"), ((0, 1000), "Pred - [[ 0.  1.]]\n"), ((1000, 0), "Pred - [[ 1.  0.]]\n")],
)
def test_negative_comes_first_in_the_print_of_the_workshops_numpy(
    model: Path, tmp_path: Path, bias: tuple[int, int], line: str
) -> None:
    content = pickle.loads((model / "imdb.p").read_bytes())  # noqa: S301 -- just made
    layers = content["model"]["config"]["layers"]
    layers[4]["params"]["W"][:] = 0
    layers[5]["params"]["W"][:, 0] = bias
    folder = write(tmp_path / "model", {"imdb.p": pickle.dumps(content, protocol=4)})
    shutil.copy(model / "imdb.vocab", folder)
    assert infer(folder, write(tmp_path / "reviews", {"1.txt": b"x"}), tmp_path / "out").returncode == 0
    assert contents(tmp_path / "out") == {"1.txt": line}


def test_a_prediction_does_not_depend_on_its_neighbours(model: Path, tmp_path: Path) -> None:
    texts = {f"{n}.txt": f"a {'good' if n % 3 else 'bad'} film number {n} {'very ' * n}".encode() for n in range(6)}
    assert infer(model, write(tmp_path / "all", texts), tmp_path / "together").returncode == 0
    for name, text in texts.items():
        assert infer(model, write(tmp_path / name, {name: text}), tmp_path / "alone").returncode == 0
    assert contents(tmp_path / "together") == contents(tmp_path / "alone")


def test_the_model_learned_which_words_are_good(model: Path, tmp_path: Path) -> None:
    reviews = write(tmp_path / "reviews", {"good": b"good good good good", "bad": b"bad bad bad bad"})
    assert infer(model, reviews, tmp_path / "out").returncode == 0
    positive = {name: float(re.findall(r"[\d.e-]*\d", line)[1]) for name, line in contents(tmp_path / "out").items()}
    assert positive["good"] > positive["bad"]


def test_inference_does_without_autograd(model: Path, tmp_path: Path) -> None:
    trap = write(tmp_path / "trap", {"autograd/__init__.py": b"raise SystemExit('autograd was imported')"})
    run = infer(model, write(tmp_path / "reviews", {"1": b"x"}), tmp_path / "out", path=str(trap))
    assert run.returncode == 0, run.stderr


class Intruder:
    def __init__(self, victim: Path) -> None:
        self.victim = victim

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.victim),)


def test_a_model_cannot_run_code(model: Path, tmp_path: Path) -> None:
    victim = tmp_path / "made by the model"
    folder = write(tmp_path / "model", {"imdb.p": pickle.dumps(Intruder(victim))})
    shutil.copy(model / "imdb.vocab", folder)
    run = infer(folder, write(tmp_path / "reviews", {"1": b"x"}), tmp_path / "out")
    assert run.returncode == 1
    assert run.stderr.startswith(
        f"auto_inference.py: {folder / 'imdb.p'} is not a model that train.py wrote: it asks for "
    )
    assert not victim.exists()


@pytest.mark.parametrize(
    ("name", "damaged", "message"),
    [
        ("imdb.p", b"", "imdb.p is not a model that train.py wrote"),
        ("imdb.p", b"PK\x03\x04 nonsense", "imdb.p is not a model that train.py wrote"),
        ("imdb.p", pickle.dumps({"model": 5}), "imdb.p is not a model that train.py wrote: its layers are not where"),
        ("imdb.vocab", b"\x80", "imdb.vocab is not a vocabulary that train.py wrote"),
        ("imdb.vocab", pickle.dumps([]), "imdb.vocab is not a vocabulary that train.py wrote: it holds no pair"),
        ("imdb.vocab", pickle.dumps(({"a": "b"}, {})), "imdb.vocab is not a vocabulary that train.py wrote"),
    ],
)
def test_files_that_are_no_model(model: Path, tmp_path: Path, name: str, damaged: bytes, message: str) -> None:
    good = {other: (model / other).read_bytes() for other in ("imdb.p", "imdb.vocab")}
    refused(
        infer(write(tmp_path / "model", good | {name: damaged}), write(tmp_path / "r", {"1": b"x"}), tmp_path / "out"),
        message,
    )
    assert not (tmp_path / "out").exists()


def test_a_model_cut_short_and_one_of_another_shape(model: Path, tmp_path: Path) -> None:
    whole = (model / "imdb.p").read_bytes()
    content = pickle.loads(whole)  # noqa: S301 -- just made
    content["model"]["config"]["layers"][4]["params"]["W"] = np.zeros((3, 128), dtype=np.float32)
    folder = write(tmp_path / "model", {"imdb.vocab": (model / "imdb.vocab").read_bytes()})
    reviews = write(tmp_path / "reviews", {"1": b"x"})
    for damaged, message in (
        (whole[: len(whole) // 2], "is not a model that train.py wrote"),
        (pickle.dumps(content, protocol=4), "is not a model of this network: its affine weights are no (2, 128) array"),
    ):
        write(folder, {"imdb.p": damaged})
        refused(infer(folder, reviews, tmp_path / "out"), message)


def test_one_unreadable_review_stops_all(model: Path, tmp_path: Path) -> None:
    reviews = write(tmp_path / "reviews", {"1.txt": b"good", "2.txt": b"na\xefve"})
    refused(infer(model, reviews, tmp_path / "out"), f"{reviews / '2.txt'} is not UTF-8 at byte 2")
    assert not (tmp_path / "out").exists()


def test_folders_that_are_not_there_or_cannot_be(model: Path, tmp_path: Path) -> None:
    refused(
        infer(model, tmp_path / "none", tmp_path / "out"), f"cannot read {tmp_path / 'none'}: there is no such folder"
    )
    reviews = write(tmp_path / "reviews", {"1.txt": b"good"})
    (tmp_path / "file").touch()
    refused(infer(model, reviews, tmp_path / "file"), f"cannot write {tmp_path / 'file' / '1.txt'}: File exists")
    refused(infer(tmp_path, reviews, tmp_path / "out"), f"cannot read {tmp_path / 'imdb.vocab'}: No such file")


def refused(run: Any, message: str) -> None:
    assert run.returncode == 1
    assert run.stderr.count("\n") == 1, run.stderr
    assert run.stderr.startswith("auto_inference.py: ")
    assert message in run.stderr
