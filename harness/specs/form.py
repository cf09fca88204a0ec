"""Whether a document has the form of a ``CreatePipelineRequest``, told in the words of specs.

The tolerances are those of Pachyderm's own reader: both spellings of names, numbers as texts, enums by name or number,
``null`` for what is left out. One thing it takes that is refused here: a field that does not exist, which it drops.
"""

from __future__ import annotations

import difflib
import json
from typing import Any, NoReturn

from google.protobuf.descriptor import FieldDescriptor as Field
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from harness.specs.errors import SpecError

_INTEGERS = {
    Field.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    Field.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    Field.CPPTYPE_UINT32: (0, 2**32 - 1),
    Field.CPPTYPE_UINT64: (0, 2**64 - 1),
}
_TIMES: dict[str, tuple[Any, str, str]] = {
    "google.protobuf.Duration": (Duration, "duration", 'seconds with an "s", such as "300s" for five minutes'),
    "google.protobuf.Timestamp": (Timestamp, "time", 'RFC 3339, such as "2024-01-31T12:00:00Z"'),
}


def check(document: dict[str, Any], descriptor: Any, place: str) -> None:
    """Raise :class:`SpecError` for the first thing in ``document`` that does not fit the message."""
    _Form(place).message(document, descriptor, "")


class _Form:
    def __init__(self, place: str) -> None:
        self._place = place

    def message(self, value: Any, descriptor: Any, path: str) -> None:
        """``value`` as such a message; ``path`` leads to it."""
        if not isinstance(value, dict):
            self._refuse(path, value, f"an object with some of the fields {', '.join(descriptor.fields_by_name)}")
        fields = {**{field.json_name: field for field in descriptor.fields}, **descriptor.fields_by_name}
        given = set()
        for name, inner in value.items():
            at = f"{path}.{name}" if path else name
            if name not in fields:
                self._unknown(at, name, descriptor)
            field = fields[name]
            if field.name in given:
                raise SpecError(self._place, f"{at}: is given in both spellings", "keep one of the two")
            given.add(field.name)
            if inner is not None:
                self._field(inner, field, at)

    def _field(self, value: Any, field: Any, path: str) -> None:
        kind = field.message_type
        if kind is not None and kind.GetOptions().map_entry:
            if not isinstance(value, dict):
                self._refuse(path, value, '{"name": "value"}')
            for key, inner in value.items():
                self._single(inner, kind.fields_by_name["value"], f"{path}.{key}")
        elif field.label == Field.LABEL_REPEATED:
            if not isinstance(value, list):
                self._refuse(path, value, "a list, [...]")
            for number, inner in enumerate(value):
                self._single(inner, field, f"{path}[{number}]")
        else:
            self._single(value, field, path)

    def _single(self, value: Any, field: Any, path: str) -> None:
        if field.message_type is not None:
            self._part(value, field.message_type, path)
        elif field.cpp_type == Field.CPPTYPE_STRING:
            if not isinstance(value, str):
                self._refuse(path, value, f"a text in quotes, such as {_quoted(value)}")
        elif field.cpp_type == Field.CPPTYPE_BOOL:
            if not isinstance(value, bool):
                self._refuse(path, value, "true or false, without quotes")
        elif field.cpp_type == Field.CPPTYPE_ENUM:
            self._enum(value, field.enum_type, path)
        else:
            self._number(value, field, path)

    def _part(self, value: Any, descriptor: Any, path: str) -> None:
        if descriptor.full_name in _TIMES:
            self._time(value, descriptor, path)
        elif descriptor.file.name == "google/protobuf/wrappers.proto":  # a number that may be left out
            self._single(value, descriptor.fields_by_name["value"], path)
        else:
            self.message(value, descriptor, path)

    def _time(self, value: Any, descriptor: Any, path: str) -> None:
        kind, word, form = _TIMES[descriptor.full_name]
        try:
            kind().FromJsonString(value)
        except (ValueError, AttributeError, TypeError):
            raise SpecError(self._place, f"{path}: {_shown(value)} is no {word}", f"write {form}") from None

    def _enum(self, value: Any, kind: Any, path: str) -> None:
        numbers = kind.values_by_number
        if value not in kind.values_by_name and not (isinstance(value, int) and value in numbers):
            self._refuse(path, value, f"one of {', '.join(kind.values_by_name)}")

    def _number(self, value: Any, field: Any, path: str) -> None:
        least, most = _INTEGERS.get(field.cpp_type, (float("-inf"), float("inf")))
        whole = field.cpp_type in _INTEGERS
        try:
            number = int(value) if whole and isinstance(value, str) else float(value)
            fits = least <= number <= most and (not whole or number == int(number))
        except (ValueError, TypeError, OverflowError):
            self._refuse(path, value, "a number")
        if isinstance(value, bool) or not fits:
            self._refuse(path, value, f"a whole number from {least} to {most}" if whole else "a number")

    def _unknown(self, path: str, name: str, descriptor: Any) -> NoReturn:
        known = list(descriptor.fields_by_name)
        spelled = {text.lower(): field.name for field in descriptor.fields for text in (field.name, field.json_name)}
        near = difflib.get_close_matches(name.lower(), spelled, n=1)
        meant = f"did you mean {spelled[near[0]]}? " if near else ""
        raise SpecError(self._place, f"{path}: there is no such field", f"{meant}fields there are {', '.join(known)}")

    def _refuse(self, path: str, value: Any, form: str) -> NoReturn:
        raise SpecError(self._place, f"{path or 'the spec'}: {_shown(value)} does not fit", f"write {form}")


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _quoted(value: Any) -> str:
    return f'"{value}"' if isinstance(value, int | float) and not isinstance(value, bool) else '"..."'
