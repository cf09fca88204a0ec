"""What a field may look like: as tolerant as Pachyderm's reader, and every misfit told with its path and a remedy."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.specs import Spec, SpecError, parse


def spec(**fields: Any) -> Spec:
    (found,) = parse(json.dumps({"pipeline": {"name": "p"}, **fields}), "p.json")
    return found


@pytest.mark.parametrize(
    ("given", "same"),
    [
        ({"datumTries": "2"}, {"datum_tries": 2}),
        ({"parallelismSpec": {"constant": "10"}}, {"parallelism_spec": {"constant": 10}}),
        ({"input": {"pfs": {"repo": "a", "joinOn": "$1"}}}, {"input": {"pfs": {"repo": "a", "join_on": "$1"}}}),
        ({"tolerations": [{"operator": "EXISTS"}]}, {"tolerations": [{"operator": 1}]}),
        ({"tolerations": [{"tolerationSeconds": "5"}]}, {"tolerations": [{"toleration_seconds": 5}]}),
        ({"datum_timeout": "1.500s"}, {"datumTimeout": "1.5s"}),
        ({"description": None, "datum_tries": 3.0}, {"datum_tries": 3}),
        ({"resource_limits": {"cpu": "0.5"}}, {"resourceLimits": {"cpu": 0.5}}),
    ],
)
def test_what_pachyderm_reads_alike_is_read_alike(given: dict[str, Any], same: dict[str, Any]) -> None:
    assert spec(**given).request() == spec(**same).request()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"input": {"cross": [{"pfs": {}}, {"pfs": {"globb": "/"}}]}},
            "input.cross[1].pfs.globb: there is no such field; did you mean glob? fields there are project, name",
        ),
        ({"reprocesSpec": ""}, "reprocesSpec: there is no such field; did you mean reprocess_spec? fields there are"),
        ({"egress": {"url": "s3://b"}}, "egress.url: there is no such field; did you mean URL?"),
        ({"input": {"molecule": {}}}, "input.molecule: there is no such field; fields there are pfs, join, group,"),
        ({"datum_tries": 1, "datumTries": 1}, "datumTries: is given in both spellings; keep one of the two"),
        ({"pipeline": "p"}, 'pipeline: "p" does not fit; write an object with some of the fields project, name'),
        ({"transform": {"cmd": "sh"}}, 'transform.cmd: "sh" does not fit; write a list, [...]'),
        ({"transform": {"cmd": ["sleep", 1]}}, 'transform.cmd[1]: 1 does not fit; write a text in quotes, such as "1"'),
        ({"transform": {"cmd": [None]}}, "transform.cmd[0]: null does not fit; write a text in quotes"),
        (
            {"transform": {"env": {"PORT": 80}}},
            'transform.env.PORT: 80 does not fit; write a text in quotes, such as "80"',
        ),
        ({"transform": {"env": ["A=1"]}}, 'transform.env: ["A=1"] does not fit; write {"name": "value"}'),
        ({"parallelism_spec": {"constant": -1}}, "parallelism_spec.constant: -1 does not fit; write a whole number"),
        ({"parallelism_spec": 3}, "parallelism_spec: 3 does not fit; write an object with some of the fields constant"),
        ({"inputs": {"pfs": {}}}, "inputs: there is no such field; did you mean input?"),
        ({"inputs": ["a"]}, "inputs: there is no such field; did you mean input?"),
        ({"datum_tries": float("nan")}, "datum_tries: NaN does not fit; write a whole number from"),
        ({"datum_tries": float("inf")}, "datum_tries: Infinity does not fit; write a whole number from"),
        ({"datum_tries": "many"}, 'datum_tries: "many" does not fit; write a number'),
        ({"datum_tries": True}, "datum_tries: true does not fit; write a whole number from"),
        ({"resource_limits": {"cpu": "half"}}, 'resource_limits.cpu: "half" does not fit; write a number'),
        (
            {"resource_limits": {"memory": 64}},
            'resource_limits.memory: 64 does not fit; write a text in quotes, such as "64"',
        ),
        ({"s3_out": "yes"}, 's3_out: "yes" does not fit; write true or false, without quotes'),
        (
            {"tolerations": [{"operator": "EXIST"}]},
            'tolerations[0].operator: "EXIST" does not fit; write one of EMPTY, EX',
        ),
        ({"job_timeout": "5x"}, 'job_timeout: "5x" is no duration; write seconds with an "s", such as "300s"'),
        ({"job_timeout": 300}, 'job_timeout: 300 is no duration; write seconds with an "s", such as "300s"'),
        ({"input": {"cron": {"start": "today"}}}, 'input.cron.start: "today" is no time; write RFC 3339, such as'),
    ],
)
def test_a_misfit_is_told_with_its_path_and_what_to_write(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError) as caught:
        spec(**fields)
    assert str(caught.value).startswith(f"p.json: {message}")
    assert "\n" not in str(caught.value)


NAMES = st.sampled_from(
    [
        "pipeline",
        "name",
        "project",
        "transform",
        "cmd",
        "stdin",
        "env",
        "input",
        "inputs",
        "pfs",
        "atom",
        "cross",
        "repo",
        "glob",
        "git",
        "cron",
        "spec",
        "start",
        "parallelism_spec",
        "parallelismSpec",
        "constant",
        "strategy",
        "coefficient",
        "resource_limits",
        "gpu",
        "cpu",
        "chunk_spec",
        "standby",
        "job_timeout",
        "datum_timeout",
        "spout",
        "marker",
        "overwrite",
        "build",
        "incremental",
        "tolerations",
        "operator",
        "egress",
        "URL",
    ]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=4)
    | st.sampled_from(["5m", "3s", "EXISTS"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=400)
@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_no_document_gives_anything_but_a_spec_or_a_line(document: dict[str, Any]) -> None:
    try:
        parse(json.dumps({"pipeline": {"name": "p"}, **document}))
    except SpecError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017 -- most raise, a few are specs
