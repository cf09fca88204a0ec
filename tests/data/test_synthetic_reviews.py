"""The made-up reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.data import locate, parse

if TYPE_CHECKING:
    from pathlib import Path

    from harness.data import DataSet


@pytest.fixture
def made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataSet:
    monkeypatch.delenv("HARNESS_DATA", raising=False)
    return locate(cache=tmp_path)


def test_they_are_the_same_bytes_everywhere(made_up: DataSet) -> None:
    digests = {file.name: file.sha256[:16] for file in made_up.files}
    assert digests == {
        "labeledTrainData.tsv": "c64d1aacdfa1d086",
        "moreReviews.tsv": "37356928c3c8c37d",
        "reviews/1.txt": "538ea235ab142329",
        "reviews/2.txt": "2f9c2a9ce21f5f9d",
    }


def test_there_are_as_many_as_in_the_workshop_and_hundreds_more(made_up: DataSet) -> None:
    assert made_up.kind == "synthetic"
    assert made_up.rows == 750
    assert [path.name for path in made_up.reviews] == ["1.txt", "2.txt"]
    assert len(made_up.more_reviews) == 400
    assert len({text for _, text in made_up.more_reviews}) == 400


def test_labels_agree_with_ids_and_are_balanced(made_up: DataSet) -> None:
    rows = parse(made_up.training.read_bytes(), "training")
    assert len({row.id for row in rows}) == 750
    assert all(row.sentiment == (int(row.id.split("_")[1]) > 5) for row in rows)
    assert 300 < sum(row.sentiment for row in rows) < 450


def test_a_kept_copy_that_was_changed_is_mended(made_up: DataSet, tmp_path: Path) -> None:
    made_up.training.write_bytes(b"id\tsentiment\treview\n")
    (tmp_path / "synthetic" / "reviews" / "2.txt").unlink()
    assert locate(cache=tmp_path) == made_up


def test_a_kept_copy_is_left_alone(made_up: DataSet, tmp_path: Path) -> None:
    before = made_up.training.stat()
    locate(cache=tmp_path)
    after = made_up.training.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert sorted(path.name for path in made_up.directory.iterdir()) == [
        "labeledTrainData.tsv",
        "moreReviews.tsv",
        "reviews",
    ]
