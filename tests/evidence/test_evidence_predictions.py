"""Prediction files, and the tables made of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.evidence import predictions
from harness.report import sample
from harness.report.sample.chapters import chapters


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Pred - [[ 0.96319997  0.03679999]]\n", (0.96319997, 0.03679999)),
        ("Pred - [[1. 0.]]", (1.0, 0.0)),
        ("Pred - [[  9.9999994e-01   5.6e-08]]\n", (0.99999994, 5.6e-08)),
        ("Pred - [[ 0.5 ]]", None),
        ("Pred - [[ 0.5 0.5]] and more", None),
        ("a review that says Pred", None),
        ("", None),
    ],
)
def test_a_prediction_file(text: str, values: tuple[float, float] | None) -> None:
    assert predictions.parse(text) == values


PROBABILITIES = st.floats(0, 1, allow_subnormal=False)


@given(PROBABILITIES, PROBABILITIES)
def test_every_pair_of_numbers_is_read_back(negative: float, positive: float) -> None:
    assert predictions.parse(f"Pred - [[ {negative!r}  {positive!r}]]\n") == (negative, positive)


def test_a_table_for_each_comparison_that_was_asked_for() -> None:
    story = sample.played()
    tables = predictions.tables(story.commits, chapters())
    assert [table.title for table in tables] == [
        "one epoch against two",
        "before and after the new training set",
        "before and after the rewrite",
    ]
    assert {table.chapter for table in tables} == {chapter.nodeid for chapter in chapters() if chapter.comparisons}
    changed = [row.review for row in tables[-1].rows if row.before != row.after]
    assert changed == ["2.txt"]


def test_predictions_nobody_asked_about_are_shown_from_first_to_last() -> None:
    story = sample.played()
    (table,) = predictions.tables(story.commits, ())
    assert (table.before, table.after) == (
        f"default/inference@{sample.commit_id('i')}",
        f"default/inference@{sample.commit_id('y')}",
    )


def test_reviews_come_and_go_and_are_in_the_order_of_their_numbers() -> None:
    story = sample.Story()
    story.put("t", "training", {"/labeledTrainData.tsv": b"data"})
    story.create("x", "model", "train.py")
    story.put("r", "reviews", {"/10.txt": b"ten", "/2.txt": b"two"})
    story.create("i", "inference", "auto_inference.py")
    story.put("y", "reviews", {"/10.txt": b"ten", "/3.txt": b"three"})
    (table,) = predictions.tables(story.commits, ())
    assert [(row.review, row.before is None, row.after is None) for row in table.rows] == [
        ("2.txt", False, True),
        ("3.txt", True, False),
        ("10.txt", False, False),
    ]
