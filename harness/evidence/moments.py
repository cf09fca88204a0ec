"""Points in time as the record writes them: UTC, nine digits behind the second, so that texts sort as times do."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import Any


def from_epoch(seconds: int, nanos: int = 0) -> str:
    """The text for a number of seconds and nanoseconds since 1970."""
    whole = datetime.fromtimestamp(seconds, timezone.utc)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{nanos:09d}Z"


def from_message(message: Any, field: str) -> str | None:
    """The text for the ``google.protobuf.Timestamp`` in ``field`` of ``message``; None where it is not set."""
    if not message.HasField(field):
        return None
    timestamp = getattr(message, field)
    return from_epoch(timestamp.seconds, timestamp.nanos)


def seconds(moment: str) -> float:
    """Seconds since 1970. Raises ValueError where ``moment`` is not a text of this module."""
    whole, _, nanos = moment.removesuffix("Z").partition(".")
    start = datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    return start.timestamp() + float(f"0.{nanos or '0'}")


def between(start: str | None, end: str | None) -> float | None:
    """Seconds from ``start`` to ``end``; None where either is unknown."""
    if start is None or end is None:
        return None
    return seconds(end) - seconds(start)


def now() -> str:
    """The present, by this machine's clock."""
    nanos = time.time_ns()
    return from_epoch(nanos // 10**9, nanos % 10**9)
