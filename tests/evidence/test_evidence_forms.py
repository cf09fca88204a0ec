"""JSON data becomes dataclasses strictly, and what does not fit is named by its place."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.evidence import store
from harness.evidence.facts import File
from harness.evidence.forms import FormError, build, plain
from harness.evidence.model import Record
from harness.evidence.story import Check
from harness.report import sample

if TYPE_CHECKING:
    from pathlib import Path


def test_a_record_survives_json() -> None:
    record = sample.record()
    assert build(Record, json.loads(json.dumps(plain(record)))) == record


def test_the_schema_file_is_the_models() -> None:
    assert store.SCHEMA_FILE.read_text() == store.schema_text()


def test_a_record_fits_the_schema() -> None:
    schema = json.loads(store.schema_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(plain(sample.record()))


@pytest.mark.parametrize("name", ["run", "cluster"])
def test_the_schema_refuses_a_record_without(name: str) -> None:
    data = plain(sample.record())
    del data[name]
    assert not jsonschema.Draft202012Validator(json.loads(store.schema_text())).is_valid(data)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["jobs", 2, "state"], 7, "jobs[2].state: expected string, found 7"),
        (["commits", 0, "size"], "big", "commits[0].size: expected integer, found 'big'"),
        (["commits", 0, "files"], {}, "commits[0].files: expected an array, found an object"),
        (
            ["chapters", 1, "outcome"],
            "ok",
            "chapters[1].outcome: expected one of 'passed', 'failed', 'skipped', found 'ok'",
        ),
        (["chapters", 0, "duration"], True, "chapters[0].duration: expected number, found True"),
        (["run", "packages"], {"numpy": 2}, "run.packages.numpy: expected string, found 2"),
        (["run", "data", "colour"], 1, "run.data: unknown field 'colour'"),
        (["cluster"], [], "cluster: expected an object, found an array"),
    ],
)
def test_what_does_not_fit_is_named(path: list[Any], value: object, message: str) -> None:
    data = plain(sample.record())
    place = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(FormError) as error:
        build(Record, data)
    assert str(error.value) == message


def test_a_missing_field_is_named() -> None:
    data = plain(sample.record())
    del data["commits"][3]["origin"]
    with pytest.raises(FormError, match=r"^commits\[3\]: field 'origin' is missing$"):
        build(Record, data)


TEXTS = st.text(max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(st.builds(Check, TEXTS, st.booleans(), JSON, JSON, TEXTS))
def test_any_check_survives_json(check: Check) -> None:
    assert build(Check, json.loads(json.dumps(plain(check)))) == check


@given(st.builds(File, TEXTS, TEXTS, st.integers(), TEXTS, st.none() | TEXTS, st.none() | TEXTS))
def test_any_file_survives_json(file: File) -> None:
    assert build(File, json.loads(json.dumps(plain(file)))) == file


def test_records_on_disk_are_equal_byte_for_byte(tmp_path: Path) -> None:
    record = sample.record()
    first = store.write(record, tmp_path / "a").read_bytes()
    second = store.write(build(Record, json.loads(first)), tmp_path / "b").read_bytes()
    assert first == second
    assert store.write(replace(record, version=2), tmp_path / "c").read_bytes() != first
