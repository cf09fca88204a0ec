"""From a text to the JSON objects in it: one, several behind one another, or lists of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from harness.specs.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator

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
            raise SpecError(place, f"a pipeline spec is a JSON object, not {json.dumps(value)[:40]}", "write {...}")
        yield place, value


def _values(text: str, source: str) -> Iterator[Any]:
    decoder = json.JSONDecoder(object_pairs_hook=_unique)
    at = _skip_space(text, 0)
    while at < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise _not_json(error, source) from None
        except _RepeatedKeyError as error:
            raise SpecError(source, f'"{error}" is given twice in one object', "keep one of the two") from None
        except RecursionError:
            raise SpecError(source, "it is nested too deeply to be a pipeline spec", "check the brackets") from None
        yield value
        at = _skip_space(text, at)


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n\ufeff":
        at += 1
    return at


def _not_json(error: json.JSONDecodeError, source: str) -> SpecError:
    known = (remedy for words, remedy in _REMEDIES.items() if error.msg.startswith(words))
    remedy = next(known, "correct the JSON there")
    if error.doc[error.pos : error.pos + 1] not in {"", "{", "["} and not error.doc[: error.pos].strip():
        remedy = "specs are read as JSON, so write {...} or [...]"
    return SpecError(source, f"not JSON: {error.msg}", remedy, error.lineno, error.colno)
