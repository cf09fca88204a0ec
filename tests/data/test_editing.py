"""Edits of labelled reviews."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.data import DataError, add_row, parse, remove_rows

words = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters='"\\'), min_size=1).map(str.strip)
ids = st.from_regex(r"[0-9]{1,5}_[0-9]", fullmatch=True)
tables = st.dictionaries(ids, st.tuples(st.sampled_from([0, 1]), words), min_size=1, max_size=8)


def table(rows: dict[str, tuple[int, str]]) -> bytes:
    tsv = b"id\tsentiment\treview\n"
    for name, (sentiment, review) in rows.items():
        tsv = add_row(tsv, name, sentiment, review)
    return tsv


@given(tables)
def test_what_is_added_is_read_back(rows: dict[str, tuple[int, str]]) -> None:
    found = {row.id: (row.sentiment, row.review) for row in parse(table(rows), "x")}
    assert found == rows


@given(tables, st.data())
def test_removing_leaves_the_others_byte_for_byte(rows: dict[str, tuple[int, str]], data: st.DataObject) -> None:
    gone = data.draw(st.sets(st.sampled_from(sorted(rows))))
    kept = {name: row for name, row in rows.items() if name not in gone}
    assert remove_rows(table(rows), gone) == table(kept)


@given(tables, ids, words)
def test_adding_and_removing_again_changes_nothing(rows: dict[str, tuple[int, str]], name: str, review: str) -> None:
    rows.pop(name, None)
    assert remove_rows(add_row(table(rows), name, 1, review), [name]) == table(rows)


def test_odd_files_stay_odd() -> None:
    odd = b'id\tsentiment\treview\r\n"1_1"\t0\t"a"\r\n2_2\t1\tno quotes'
    assert remove_rows(odd, ["1_1"]) == b"id\tsentiment\treview\r\n2_2\t1\tno quotes"
    assert remove_rows(odd, ["2_2"]) == b'id\tsentiment\treview\r\n"1_1"\t0\t"a"\r'
    assert add_row(odd, "3_3", 1, 'so "good"') == odd + b'\n"3_3"\t1\t"so \\"good\\""\n'


def test_unknown_reviews_cannot_be_removed() -> None:
    with pytest.raises(DataError, match=re.escape("no review is called 8_8, 9_9")):
        remove_rows(table({"1_1": (0, "a")}), ["9_9", "1_1", "8_8"])


@pytest.mark.parametrize(
    ("name", "sentiment", "review", "message"),
    [
        ("1_1", 1, "again", "there is one of that name already"),
        ("2_2", 2, "good", "its sentiment must be 0 or 1, not 2"),
        ("2_2", 1, "a\tb", "no tab or line break may be in it"),
        ("2_2", 1, "a\nb", "no tab or line break may be in it"),
        ('2"2', 1, "ab", "no quote in its id"),
        (" ", 1, "ab", "no tab or line break may be in it"),
    ],
)
def test_rows_that_could_not_be_read_back_are_not_added(name: str, sentiment: int, review: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        add_row(table({"1_1": (0, "a")}), name, sentiment, review)
