"""The hash over a whole record, which makes every later change to it visible."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.evidence.forms import plain

if TYPE_CHECKING:
    from harness.evidence.model import Record


def canonical(data: Any) -> bytes:
    """JSON data as the one sequence of bytes that is hashed: UTF-8, keys sorted, no white space, no NaN."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "surrogatepass")


def digest(record: Record) -> str:
    """The sha256 (hex) over everything in ``record`` but its ``hash``."""
    data = plain(record)
    del data["hash"]
    return hashlib.sha256(canonical(data)).hexdigest()


def sealed(record: Record) -> Record:
    """The same record with its hash filled in."""
    return replace(record, hash=digest(record))


def is_intact(record: Record) -> bool:
    """Whether the record still says what it said when it was sealed."""
    return record.hash == digest(record)
