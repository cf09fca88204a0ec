"""Reading specs: several in a file, every bad one told in one line that says where and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.specs import SpecError, load, load_one, parse

SPECS = Path(__file__).parents[2] / "specs"
NAMED = '{"pipeline": {"name": "%s"}}'


def names(text: str) -> list[str]:
    return [spec.name for spec in parse(text)]


def test_specs_may_stand_behind_one_another_or_in_lists() -> None:
    a, b, c = (NAMED % name for name in "abc")
    assert names(f"{a}\n{b}{c}") == ["a", "b", "c"]
    assert names(f"[{a}, {b}]\n{c}") == ["a", "b", "c"]


@given(st.lists(st.text("abcdefghij", min_size=1, max_size=5), min_size=1, max_size=5))
def test_every_spec_of_a_file_is_found_in_order(given_names: list[str]) -> None:
    assert names("\n".join(NAMED % name for name in given_names)) == given_names


def test_both_spellings_of_field_names_are_read() -> None:
    snake, camel = parse('{"pipeline": {"name": "a"}, "datum_tries": 2}{"pipeline": {"name": "a"}, "datumTries": "2"}')
    assert snake.request() == camel.request()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"pipeline":\n  {"name" "a"}}', "bad.json:2:11: not JSON: Expecting ':' delimiter; put a colon"),
        ('{"pipeline": {"name": "a"}', "bad.json:1:27: not JSON: Expecting ',' delimiter; put a comma or the closing"),
        ("", "bad.json: there is no pipeline spec in it; write"),
        ("[]", "bad.json: there is no pipeline spec in it; write"),
        ("[1]", "bad.json: a pipeline spec is an object, not 1; write {...}"),
        ("{}", 'bad.json: it does not name its pipeline; write "pipeline": {"name": "..."}'),
        (NAMED % "a" + "{}", "bad.json (spec 2 of 2): it does not name its pipeline"),
        ('{"pipeline": {"name": "a", "name": "b"}}', 'bad.json: "name" is given twice in one object; keep one'),
        ('{"pipeline": {"name": 3}}', "bad.json: pipeline.name: 3 does not fit; write a text in quotes"),
        ("[" * 100_000, "bad.json: it is nested too deeply"),
        ('{"datum_tries": %s}' % ("9" * 5000), "bad.json: datum_tries: Infinity does not fit; write a whole number"),
    ],
)
def test_a_bad_spec_gets_one_line_with_place_fault_and_remedy(text: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse(text, "bad.json")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=60))
def test_no_text_gives_anything_but_specs_or_a_spec_error(text: str) -> None:
    try:
        parse(text)
    except SpecError as error:
        assert str(error).startswith("<text>")  # noqa: PT017 -- most texts raise, a few are specs


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"nowhere\.json: cannot be read: No such file or directory; check the path"):
        load(tmp_path / "nowhere.json")
    latin = tmp_path / "latin.json"
    latin.write_bytes(b'{"pipeline": {"name": "caf\xe9"}}')
    with pytest.raises(SpecError, match="byte 26 is not UTF-8; save the file as UTF-8"):
        load(latin)


def test_one_spec_means_one(tmp_path: Path) -> None:
    path = tmp_path / "two.json"
    path.write_text((NAMED % "a") * 2)
    with pytest.raises(SpecError, match="holds 2 specs where one is needed"):
        load_one(path)


@pytest.mark.parametrize("path", sorted(SPECS.rglob("*.json")), ids=lambda path: path.stem)
def test_every_spec_of_ours_can_be_read(path: Path) -> None:
    spec = load_one(path)
    assert spec.name in {"model", "inference"}
    assert not spec.notes or "workshop" in path.parts
