"""What train.py says about input and output that it cannot use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.images.image_programs import ROWS, train, train_into, tsv

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("autograd", reason="autograd, which train.py computes gradients with, is not installed")

LINES = tsv().split(b"\n")


def with_line(number: int, line: bytes) -> bytes:
    return b"\n".join([*LINES[: number - 1], line, *LINES[number:]])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            with_line(5, b'"x"\t1'),
            "line 5: expected three fields (id, sentiment, review) with tabs between them, found 2",
        ),
        (with_line(5, b'"x"\t1\tgood\tbad'), "line 5: expected three fields"),
        (with_line(61, b""), "line 61: expected three fields"),
        (with_line(9, b'"x"\tgood\tgood'), "line 9: the sentiment must be 0 or 1, found 'good'"),
        (with_line(9, b'"x"\t7\tgood'), "line 9: the sentiment must be 0 or 1, found '7'"),
        (with_line(9, b'"x"\tinf\tgood'), "line 9: the sentiment must be 0 or 1, found 'inf'"),
        (with_line(30, b'"x"\t1\tna\xefve'), "line 30: not UTF-8 at byte 8 of the line"),
        (tsv(ROWS[:1]), "holds too few reviews (1)"),
        (b"id\tsentiment\treview\n", "holds too few reviews (0)"),
        (b"", "holds too few reviews (0)"),
    ],
)
def test_reviews_that_cannot_be_trained_on(tmp_path: Path, data: bytes, message: str) -> None:
    reviews = tmp_path / "labeledTrainData.tsv"
    reviews.write_bytes(data)
    run = train_into(tmp_path / "out", reviews, "-e", "1")
    assert run.returncode == 1
    assert run.stderr.count("\n") == 1
    assert run.stderr.startswith(f"train.py: {reviews}")
    assert message in run.stderr
    assert list((tmp_path / "out").iterdir()) == []


def test_a_rating_that_is_a_decimal_number_is_neons_whole_one(tmp_path: Path) -> None:
    reviews = tmp_path / "labeledTrainData.tsv"
    reviews.write_bytes(with_line(9, b'"x"\t1.0\tgood'))
    assert train_into(tmp_path / "out", reviews, "-e", "1").returncode == 0


def test_reviews_that_are_not_there(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "none.tsv", "No such file or directory"), (tmp_path, "Is a directory")):
        run = train_into(tmp_path / "out", path, "-e", "1")
        assert (run.returncode, run.stderr) == (1, f"train.py: cannot read {path}: {reason}\n")


def test_outputs_that_cannot_be_written_are_said_before_training(tmp_path: Path) -> None:
    reviews = tmp_path / "labeledTrainData.tsv"
    reviews.write_bytes(tsv())
    (tmp_path / "folder").mkdir()
    missing = tmp_path / "none" / "imdb.p"
    for model, vocabulary, reason in (
        (missing, tmp_path / "v", f"cannot write {missing}: there is no folder {missing.parent}"),
        (tmp_path / "m", tmp_path / "folder", f"cannot write {tmp_path / 'folder'}: Is a directory"),
    ):
        run = train("-f", reviews, "-e", "1", "-s", model, "--vocab_file", vocabulary)
        assert (run.returncode, run.stderr) == (1, f"train.py: {reason}\n")
        assert "epoch" not in run.stdout
        assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "labeledTrainData.tsv"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-r", "-1"], "'-1' is not a number from 0 to 4294967295"),
        (["-r", "4294967296"], "'4294967296' is not a number from 0 to 4294967295"),
        (["-e", "0"], "'0' is not a number from 1 up"),
        (["-eval", "x"], "'x' is not a number from 1 up"),
        (["-b", "gpu"], "invalid choice: 'gpu'"),
        (["--more"], "unrecognized arguments: --more"),
    ],
)
def test_wrong_command_lines(tmp_path: Path, arguments: list[str], message: str) -> None:
    run = train_into(tmp_path / "out", tmp_path / "none.tsv", *arguments)
    assert run.returncode == 2
    assert message in run.stderr
    assert "Traceback" not in run.stderr
