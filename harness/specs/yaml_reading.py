"""YAML as Pachyderm's reader takes it: 1.2, where ``on`` and ``12:30`` are texts, and no name stands twice."""

from __future__ import annotations

import re
from typing import Any

import yaml

from harness.specs.errors import SpecError

_MERGE = "tag:yaml.org,2002:merge"
# Tag, form, and the signs that a scalar of that form can begin with.
_SCALARS = (
    ("tag:yaml.org,2002:null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("tag:yaml.org,2002:bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("tag:yaml.org,2002:int", r"[-+]?[0-9]{1,30}", list("-+0123456789")),
    ("tag:yaml.org,2002:float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
    (_MERGE, r"<<", ["<"]),
)
_REMEDIES = {
    "found character '\\t'": "indent with spaces, not with tabs",
    "mapping values are not allowed": "indent the line as its neighbours are, or put a text with a colon in quotes",
    "could not find expected ':'": "put a colon and a space behind the name",
    "expected <block end>": "indent the line as its neighbours are",
    "expected ',' or": "put a comma or the closing bracket there",
    "found undefined alias": "give the anchor (&) before its alias (*)",
    "found unexpected end of stream": "close the quotes or the bracket",
}


class _Loader(yaml.BaseLoader):
    """Knows which tag a plain scalar has."""


for _tag, _form, _signs in _SCALARS:
    _Loader.add_implicit_resolver(_tag, re.compile(rf"(?:{_form})\Z"), _signs)


def value(text: str, source: str, first_line: int) -> Any:
    """The one YAML document in ``text``, as JSON data; None for an empty one.

    ``first_line`` is where the text begins in ``source``. Raises :class:`SpecError`.
    """
    try:
        node = _Loader(text).get_single_node()
        return None if node is None else _plain(node)
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(error, source, first_line) from None
    except yaml.YAMLError as error:
        raise SpecError(source, f"not YAML: {str(error).splitlines()[0]}", "remove that character") from None
    except RecursionError:
        raise SpecError(source, "it is nested too deeply to be a pipeline spec", "check the brackets") from None


def _plain(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _mapping(node)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    kind = node.tag.rpartition(":")[2]
    if kind == "null":
        return None
    if kind == "bool":
        return node.value.lower() == "true"
    if kind in {"int", "float"}:
        return {"int": int, "float": float}[kind](node.value)
    return node.value


def _mapping(node: yaml.MappingNode) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    own: dict[str, Any] = {}
    for key, given in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise yaml.MarkedYAMLError(problem="a name is not a text", problem_mark=key.start_mark)
        if key.tag == _MERGE:
            for base in _bases(given):
                merged = {**base, **merged}
        elif key.value in own:
            raise yaml.MarkedYAMLError(problem=f'"{key.value}" is given twice', problem_mark=key.start_mark)
        else:
            own[key.value] = _plain(given)
    return {**merged, **own}


def _bases(given: yaml.Node) -> list[dict[str, Any]]:
    """What ``<<`` names: an object or a list of them, of which the first counts most."""
    found = _plain(given)
    listed = found if isinstance(found, list) else [found]
    if not all(isinstance(base, dict) for base in listed):
        raise yaml.MarkedYAMLError(problem="<< needs an object", problem_mark=given.start_mark)
    return listed


def _not_yaml(error: yaml.MarkedYAMLError, source: str, first_line: int) -> SpecError:
    problem = error.problem or error.context or "it cannot be read"
    mark = error.problem_mark or error.context_mark
    known = (remedy for words, remedy in _REMEDIES.items() if problem.startswith(words))
    remedy = "keep one of the two" if problem.endswith("given twice") else next(known, "correct the YAML there")
    if mark is None:
        return SpecError(source, f"not YAML: {problem}", remedy)
    return SpecError(source, f"not YAML: {problem}", remedy, first_line + mark.line, mark.column + 1)
