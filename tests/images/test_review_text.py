"""How a review's text becomes tokens and numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.images.image_modules import image_module

text = image_module("sentiment.text")


@pytest.mark.parametrize(
    ("review", "tokens"),
    [
        ('"Great film"', ["great", "film"]),
        ("one<br /><br />two", ["one", "br", "br", "two"]),
        ("wow!yes,no", ["wow", "!", "yes", ",", "no"]),
        ("really? (no)", ["really", r"\?", r"\(", "no", r"\)"]),
        (
            "it's we've don't I'd you'll they're",
            ["it", "'s", "we", "'ve", "do", "n't", "i", "'d", "you", "'ll", "they", "'re"],
        ),
        ("IT'S DON'T", ["it's", "don't"]),  # contractions are cut before the case is lowered
        ("a`b a'b", ["a`b", "a'b"]),
        ("caf\u00e9 10-15\u2028x_y", ["caf", "10", "15", "x", "y"]),
        ("", []),
    ],
)
def test_tokens(review: str, tokens: list[str]) -> None:
    assert text.tokenise(review) == tokens


@given(st.text())
def test_tokens_hold_only_what_the_network_knows(review: str) -> None:
    for token in text.tokenise(review):
        assert token
        assert set(token) <= set("abcdefghijklmnopqrstuvwxyz0123456789(),!?'`\\")


def test_unseen_words_share_the_id_after_the_last() -> None:
    assert text.word_ids(["b", "x", "a", "y"], {"a": 0, "b": 1}) == [1, 3, 0, 3]


def test_short_sequences_are_padded_on_the_left() -> None:
    assert text.sequence([0, 5]) == [0] * 125 + [1, 3, 8]


def test_ids_beyond_the_embedding_are_unknown() -> None:
    assert text.sequence([19996, 19997])[-2:] == [19999, 2]


@given(st.lists(st.integers(0, 30_000), max_size=300))
def test_the_last_128_are_kept(ids: list[int]) -> None:
    sequence = text.sequence(ids)
    assert len(sequence) == 128
    assert all(0 <= number < 20_000 for number in sequence)
    for given_id, number in zip(reversed(ids), reversed(sequence), strict=False):
        assert number == (given_id + 3 if given_id + 3 < 20_000 else 2)
