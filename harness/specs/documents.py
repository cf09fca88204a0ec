"""From a text to the objects in it: JSON or YAML, one, several behind one another or split by ``---``, or lists."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from harness.specs import yaml_reading
from harness.specs.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator

_SEPARATOR = re.compile(r"^---(?=\s|\Z)", re.MULTILINE)
_SPACE = " \t\r\n\ufeff"
_REMEDIES = {
    "Expecting ',' delimiter": "put a comma or the closing bracket there",
    "Expecting property name": "put the next name there, in double quotes, or remove the comma before it",
    "Expecting ':' delimiter": "put a colon between the name and its value",
    "Expecting value": "put a value there, or remove the comma before it",
    "Illegal trailing comma": "remove that comma",
    "Unterminated string": "close the string with a double quote on the same line",
    "Invalid control character": "close the string with a double quote on the same line",
    "Invalid \\escape": "write a backslash as \\\\",
}


class _RepeatedKeyError(ValueError):
    """Its text is the key."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two values under one name: JSON readers silently take the last, so one of them would go unnoticed."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _RepeatedKeyError(next(name for name in names if names.count(name) > 1))
    return found


def objects(text: str, source: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The specs in ``text`` with the words that name each in messages; raises :class:`SpecError`."""
    values = [item for value in _values(text, source) for item in (value if isinstance(value, list) else [value])]
    if not values:
        raise SpecError(source, "there is no pipeline spec in it", 'write {"pipeline": {"name": ...}, ...}')
    for number, value in enumerate(values, start=1):
        place = source if len(values) == 1 else f"{source} (spec {number} of {len(values)})"
        if not isinstance(value, dict):
            raise SpecError(place, f"a pipeline spec is an object, not {json.dumps(value)[:40]}", "write {...}")
        yield place, value


def _values(text: str, source: str) -> Iterator[Any]:
    """The values of each document; those that are empty, such as one behind a last ``---``, are none."""
    begins = [0, *(found.start() for found in _SEPARATOR.finditer(text))]
    for begin, end in zip(begins, [*begins[1:], len(text)], strict=True):
        document = _SEPARATOR.sub("   ", text[begin:end])
        first_line = text.count("\n", 0, begin) + 1
        try:
            yield from _json(document, source, first_line)
        except SpecError as not_json:
            try:
                value = yaml_reading.value(document, source, first_line)
            except SpecError as not_yaml:
                raise (not_json if document.lstrip(_SPACE)[:1] in {"{", "["} else not_yaml) from None
            if value is not None:
                yield value


def _json(text: str, source: str, first_line: int) -> list[Any]:
    """JSON values behind one another, as 1.x took them. YAML has no such thing, and no tabs between its words."""
    decoder = json.JSONDecoder(object_pairs_hook=_unique)
    found = []
    at = _skip_space(text, 0)
    while at < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise _not_json(error, source, first_line) from None
        except _RepeatedKeyError as error:
            raise SpecError(source, f'"{error}" is given twice in one object', "keep one of the two") from None
        except ValueError:  # Python reads numbers of 4,300 digits
            raise SpecError(source, "a number in it has thousands of digits", "write numbers of up to 20") from None
        except RecursionError:
            raise SpecError(source, "it is nested too deeply to be a pipeline spec", "check the brackets") from None
        found.append(value)
        at = _skip_space(text, at)
    return found


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _not_json(error: json.JSONDecodeError, source: str, first_line: int) -> SpecError:
    known = (remedy for words, remedy in _REMEDIES.items() if error.msg.startswith(words))
    remedy = next(known, "correct the JSON there")
    return SpecError(source, f"not JSON: {error.msg}", remedy, first_line + error.lineno - 1, error.colno)
