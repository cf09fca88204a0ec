"""Dataclasses to JSON data and back, strictly, and the JSON Schema of a dataclass: one description serves all three."""

from __future__ import annotations

import types
import typing
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args, get_origin

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_SIMPLE = {str: "string", int: "integer", bool: "boolean", float: "number", type(None): "null"}


class FormError(ValueError):
    """JSON data does not have the form of the dataclass; the text says where."""


def plain(value: Any) -> Any:
    """``value``, a dataclass or what stands in one, as JSON data."""
    cls: Any = type(value)
    if is_dataclass(cls):
        return {name: plain(getattr(value, name)) for name in _hints(cls)}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value


def build(cls: type[T], data: Any, where: str = "") -> T:
    """The dataclass ``cls`` from JSON data. Raises :class:`FormError` naming the first place that does not fit."""
    if not isinstance(data, dict):
        raise FormError(f"{where or 'record'}: expected an object, found {_kind(data)}")
    hints = _hints(typing.cast("Any", cls))
    if unknown := sorted(data.keys() - hints.keys()):
        raise FormError(f"{where or 'record'}: unknown field {unknown[0]!r}")
    for field in _fields(cls):
        if field.name not in data and _required(field):
            raise FormError(f"{where or 'record'}: field {field.name!r} is missing")
    return cls(**{name: _value(hints[name], item, f"{where}.{name}".lstrip(".")) for name, item in data.items()})


def _value(hint: Any, data: Any, where: str) -> Any:
    if is_dataclass(hint):
        return build(typing.cast("type[Any]", hint), data, where)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is tuple and isinstance(data, list):
        return tuple(_value(arguments[0], item, f"{where}[{index}]") for index, item in enumerate(data))
    if origin is dict and isinstance(data, dict):
        return {name: _value(arguments[1], item, f"{where}.{name}") for name, item in data.items()}
    if origin is types.UnionType:
        return None if data is None else _value(arguments[0], data, where)
    if hint is Any or _fits(hint, origin, arguments, data):
        return data
    raise FormError(f"{where}: expected {_wanted(hint)}, found {_kind(data)}")


def _fits(hint: Any, origin: Any, arguments: tuple[Any, ...], data: Any) -> bool:
    if origin is Literal:
        return data in arguments
    if hint is float:
        return isinstance(data, (int, float)) and not isinstance(data, bool)
    return type(data) is hint


def schema(cls: type) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the dataclass ``cls``; docstrings become descriptions."""
    definitions: dict[str, Any] = {}
    root = _schema(cls, definitions)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **root, "$defs": definitions}


def _schema(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if is_dataclass(hint):
        return _reference(typing.cast("type", hint), definitions)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is tuple:
        return {"type": "array", "items": _schema(arguments[0], definitions)}
    if origin is types.UnionType:
        return {"anyOf": [_schema(argument, definitions) for argument in arguments]}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema(arguments[1], definitions)}
    return {} if hint is Any else {"type": _SIMPLE[hint]}


def _reference(cls: type, definitions: dict[str, Any]) -> dict[str, Any]:
    if cls.__name__ not in definitions:
        definitions[cls.__name__] = {}
        definitions[cls.__name__] = {
            "type": "object",
            "description": " ".join((cls.__doc__ or "").split()),
            "properties": {name: _schema(hint, definitions) for name, hint in _hints(cls).items()},
            "required": [field.name for field in _fields(cls) if _required(field)],
            "additionalProperties": False,
        }
    return {"$ref": f"#/$defs/{cls.__name__}"}


_hints: Callable[[Any], dict[str, Any]] = cache(typing.get_type_hints)


def _fields(cls: Any) -> tuple[Field[Any], ...]:
    return fields(cls)


def _required(field: Field[Any]) -> bool:
    return field.default is MISSING


def _wanted(hint: Any) -> str:
    if get_origin(hint) is Literal:
        return "one of " + ", ".join(map(repr, get_args(hint)))
    names: dict[Any, str] = {**_SIMPLE, tuple: "an array", dict: "an object"}
    return names[get_origin(hint) or hint]


def _kind(data: Any) -> str:
    if isinstance(data, str):
        return repr(data if len(data) <= 40 else data[:40] + "…")
    if isinstance(data, (dict, list)):
        return "an object" if isinstance(data, dict) else "an array"
    return repr(data)
