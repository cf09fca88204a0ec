"""Specs in YAML, by themselves, several in a file, and mixed with JSON."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from harness.specs import SpecError, parse

ONE = """\
# counts words
pipeline:
  name: count   # a comment
transform:
  image: python:3.12
  cmd: [sh]
  stdin:
  - |
    for file in /pfs/words/*; do
      wc -w < "$file" > /pfs/out/"${file##*/}"
    done
  env: {MODE: 'yes', AT: on, WHEN: 12:30}
input:
  pfs: {repo: words, glob: /*}
parallelismSpec:
  constant: "2"
datum_tries: 1
"""


def names(text: str) -> list[str]:
    return [spec.name for spec in parse(text)]


def test_a_spec_in_yaml() -> None:
    (spec,) = parse(ONE)
    request = spec.request()
    assert request.transform.stdin[0].endswith("done\n")
    assert dict(request.transform.env) == {"MODE": "yes", "AT": "on", "WHEN": "12:30"}
    assert (request.parallelism_spec.constant, request.datum_tries) == (2, 1)


@pytest.mark.parametrize(
    "text",
    [
        "pipeline: {name: a}\n---\npipeline: {name: b}\n---\npipeline: {name: c}\n",
        "---\npipeline: {name: a}\n---\n- pipeline: {name: b}\n- pipeline: {name: c}\n---\n",
        '{"pipeline": {"name": "a"}}\n---\n{"pipeline": {"name": "b"}}{"pipeline": {"name": "c"}}',
        "- pipeline:\n    name: a\n- {pipeline: {name: b}}\n--- {pipeline: {name: c}}",
        '[{"pipeline": {"name": "a"}, }, {"pipeline": {"name": "b"},},]\n---\n# nothing\n---\npipeline: {name: c}',
        'pipeline: {name: a}\n---\n{\n\t"pipeline": {"name": "b"}\n}\n---\npipeline: {name: c}',
    ],
)
def test_several_in_a_file_however_they_are_put_together(text: str) -> None:
    assert names(text) == ["a", "b", "c"]


def test_anchors_and_merges_save_writing_things_twice() -> None:
    first, second = parse(
        "pipeline: {name: a}\ntransform: {cmd: [sh], image: x}\n"
        "---\npipeline: {name: b}\ntransform: {<<: {cmd: [sh], image: y}, image: z}\n"
    )
    assert (first.request().transform.image, second.request().transform.image) == ("x", "z")
    assert list(second.request().transform.cmd) == ["sh"]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.text("abc yesno:#-'\"{}[],&*!|>%@`~0x.\n\t", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc~1 ", max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=6), JSON, max_size=3))
def test_yaml_and_json_of_the_same_data_are_the_same(given_env: dict[str, object]) -> None:
    env = {name: json.dumps(value) for name, value in given_env.items()}
    document = {"pipeline": {"name": "p"}, "transform": {"env": env}}
    in_json, in_yaml = parse(json.dumps(document)), parse(yaml.safe_dump(document))
    assert in_yaml[0].request() == in_json[0].request()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "pipeline:\n\tname: a\n",
            "bad.yaml:2:1: not YAML: found character '\\t' that cannot start any token; indent with",
        ),
        ("pipeline:\n  name: a\n transform: {}\n", "bad.yaml:3:2: not YAML: "),
        ("pipeline: {name: a}\n---\nx: [\n", "bad.yaml:4:1: not YAML: "),
        ("pipeline: {name: a}\npipeline: {name: b}\n", 'bad.yaml:2:1: not YAML: "pipeline" is given twice; keep one'),
        ("pipeline: *a\n", "bad.yaml:1:11: not YAML: found undefined alias 'a'; give the anchor"),
        ("pipeline: &a {name: *a}\n", "bad.yaml: it is nested too deeply"),
        ("? [a]\n: b\n", "bad.yaml:1:3: not YAML: a name is not a text"),
        ("just words\n", 'bad.yaml: a pipeline spec is an object, not "just words"; write {...}'),
        (
            "pipeline: {name: a}\n---\npipeline: {nam: b}\n",
            "bad.yaml (spec 2 of 2): pipeline.nam: there is no such field; did",
        ),
        ("pipeline: {name: a}\x00", "bad.yaml: not YAML: unacceptable character"),
        (
            "pipeline: {name: 2024}",
            'bad.yaml: pipeline.name: 2024 does not fit; write a text in quotes, such as "2024"',
        ),
    ],
)
def test_bad_yaml_gets_one_line_with_place_fault_and_remedy(text: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse(text, "bad.yaml")
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
