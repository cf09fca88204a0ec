"""When triggers tick."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from harness.pachd.pfs.schedules import SECOND, parse


def after(spec: str, time: str) -> str | None:
    """The first tick after ``time``; both in ISO form."""
    start = datetime.fromisoformat(time).replace(tzinfo=timezone.utc)
    tick = parse(spec).next_after(int(start.timestamp()) * SECOND + start.microsecond * 1000)
    return None if tick is None else datetime.fromtimestamp(tick / SECOND, timezone.utc).isoformat()[:19]


TICKS = [
    ("*/5 * * * *", "2024-02-28T23:55:00", "2024-02-29T00:00:00"),
    ("30 4 1 * *", "2024-02-28T23:55:00", "2024-03-01T04:30:00"),
    ("0 0 * * mon-fri", "2024-03-01T00:00:00", "2024-03-04T00:00:00"),
    ("0 0 13 * fri", "2024-03-01T00:00:01", "2024-03-08T00:00:00"),
    ("@daily", "2024-02-28T23:59:59.5", "2024-02-29T00:00:00"),
    ("@hourly", "2024-02-28T23:00:00", "2024-02-29T00:00:00"),
    ("@weekly", "2024-03-01T00:00:00", "2024-03-03T00:00:00"),
    ("@monthly", "2024-03-01T00:00:00", "2024-04-01T00:00:00"),
    ("@yearly", "2024-03-01T00:00:00", "2025-01-01T00:00:00"),
    ("@every 1h30m", "2024-03-01T00:00:00.75", "2024-03-01T01:30:00"),
    ("@every 1.5m", "2024-03-01T00:00:00", "2024-03-01T00:01:30"),
    ("@every 10ms", "2024-03-01T00:00:00", "2024-03-01T00:00:01"),
    ("@every -1h", "2024-03-01T00:00:00", "2024-03-01T00:00:01"),
    ("@never", "2024-03-01T00:00:00", None),
    ("0 0 29 2 *", "2024-03-01T00:00:00", "2028-02-29T00:00:00"),
]


@pytest.mark.parametrize(("spec", "time", "tick"), TICKS, ids=[spec for spec, _, _ in TICKS])
def test_the_next_tick(spec: str, time: str, tick: str | None) -> None:
    assert after(spec, time) == tick


NONE = ["", "* * * * * *", "60 * * * *", "@every 1", "@every 1h x", "@often", "0 0 31 2 *", "*/0 * * * *"]
ENDLESS = {"digits": f"@every {'9' * 400}h", "centuries": "@every 2562048h", "parts": f"{'1,' * 50_000}1 * * * *"}


@pytest.mark.parametrize("spec", [*NONE, *(pytest.param(spec, id=name) for name, spec in ENDLESS.items())])
def test_what_is_no_schedule(spec: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(spec)
