"""Any Python value as a JSON value, for checks: what JSON cannot say exactly becomes its ``repr``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from typing import Any

TEXT_LIMIT = 4000


def as_json(value: object) -> Any:
    """``value`` as JSON data: mappings, sequences and sets (sorted) by their items, anything unknown as a short text.

    Texts longer than :data:`TEXT_LIMIT` characters are cut and say by how much.
    """
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else repr(value)
    if isinstance(value, str):
        return _cut(value)
    return _collection(value)


def _collection(value: object) -> Any:
    if isinstance(value, Mapping):
        return {key if isinstance(key, str) else repr(key): as_json(item) for key, item in value.items()}
    if isinstance(value, Set):
        return sorted((as_json(item) for item in value), key=repr)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray, memoryview)):
        return [as_json(item) for item in value]
    return _cut(repr(value))


def _cut(text: str) -> str:
    hidden = len(text) - TEXT_LIMIT
    return text if hidden <= 0 else f"{text[:TEXT_LIMIT]}… ({hidden} more characters)"
