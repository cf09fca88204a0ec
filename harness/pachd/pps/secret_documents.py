"""Secrets as clients send them: the JSON of a Kubernetes ``Secret``, and Kubernetes' rules for it.

No message of an error repeats any of a document's values.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.pachd.errors import pps as errors

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_TYPE = "Opaque"
# What Pachyderm marks the secrets with that were made through it.
SUITE = "pachyderm"
_LABELS = {"suite": SUITE, "secret-source": "pachyderm-user"}
_LONGEST_NAME = 253
_MOST_BYTES = 1024 * 1024
_PART = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_NAME = re.compile(rf"{_PART}(\.{_PART})*")
_KEY = re.compile(r"[-._a-zA-Z0-9]+")


@dataclass(frozen=True)
class Secret:
    """A secret; ``created`` in nanoseconds since the epoch."""

    name: str
    type: str
    labels: Mapping[str, str]
    created: int
    data: Mapping[str, bytes] = field(repr=False)


def read(document: bytes, now: int) -> Secret:
    """The secret that a client wants to have. Raises what Kubernetes, or Pachyderm, says of a bad one."""
    content = _object(_parsed(document), "document")
    meta = _object(content.get("metadata"), "metadata")
    labels = _texts(meta.get("labels"), "metadata.labels")
    if labels.get("suite", SUITE) != SUITE:
        raise errors.SECRET_OF_OTHER_SUITE(suite=labels["suite"])
    name = _text(meta.get("name"), "metadata.name")
    data = {key: _decoded(key, text) for key, text in _texts(content.get("data"), "data").items()}
    data |= {key: text.encode() for key, text in _texts(content.get("stringData"), "stringData").items()}
    _check(name, data)
    type_ = _text(content.get("type"), "type") or DEFAULT_TYPE
    return Secret(name, type_, {**labels, **_LABELS}, now, data)


def is_name(name: str) -> bool:
    """Whether a secret can be called so; such a name is also one of a file."""
    return len(name) <= _LONGEST_NAME and _NAME.fullmatch(name) is not None


def _check(name: str, data: Mapping[str, bytes]) -> None:
    if not name:
        raise errors.SECRET_WITHOUT_NAME()
    if not is_name(name):
        raise errors.SECRET_NAME(name=name)
    for key in data:
        if len(key) > _LONGEST_NAME or not _KEY.fullmatch(key) or key in {".", ".."}:
            raise errors.SECRET_KEY(name=name, key=key)
    if sum(map(len, data.values())) > _MOST_BYTES:
        raise errors.SECRET_TOO_LONG(name=name, limit=_MOST_BYTES)


def _parsed(document: bytes) -> Any:
    try:
        content = json.loads(document)
        json.dumps(content, ensure_ascii=False).encode()  # JSON can name half a character, which is no text
    except json.JSONDecodeError as error:
        raise errors.SECRET_DOCUMENT(reason=f"{error.msg} at character {error.pos}") from None
    except (ValueError, RecursionError):  # also a number of thousands of digits, and endless nesting
        raise errors.SECRET_DOCUMENT(reason="it is no JSON") from None
    return content


def _object(value: Any, what: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise errors.SECRET_DOCUMENT(reason=f"{what} must be an object")
    return value


def _texts(value: Any, what: str) -> dict[str, str]:
    return {key: _text(text, f"{what}.{key}") for key, text in _object(value, what).items()}


def _text(value: Any, what: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise errors.SECRET_DOCUMENT(reason=f"{what} must be a string")
    return value


def _decoded(key: str, text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.splitlines()), validate=True)
    except ValueError:
        raise errors.SECRET_DOCUMENT(reason=f"illegal base64 data in data.{key}") from None
