"""When triggers tick: cron specs in UTC, and the short forms that Pachyderm reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache
from typing import TYPE_CHECKING

from cronsim import CronSim, CronSimError

if TYPE_CHECKING:
    from collections.abc import Callable

SECOND = 1_000_000_000  # nanoseconds
_FIELDS = 5
_MOST_CHARACTERS = 1000  # a spec that names each minute, hour and day has 400; reading goes over each part
_LONGEST = 2**63  # nanoseconds; Go counts no further
_EVERY, _NEVER = "@every ", "@never"
_DESCRIPTORS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_UNITS = {"ns": 1, "us": 1_000, "µs": 1_000, "μs": 1_000, "ms": 1_000_000, "s": SECOND}
_UNITS.update(m=60 * SECOND, h=3600 * SECOND)
_AMOUNT = r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)"
_DURATION = re.compile(rf"[-+]?(?:{_AMOUNT})+")


@dataclass(frozen=True)
class Schedule:
    """``next_after(time)`` is the first tick after ``time``, None where there is none; nanoseconds since the epoch."""

    next_after: Callable[[int], int | None]


@lru_cache(256)
def parse(spec: str) -> Schedule:
    """A spec of five cron fields, ``@daily`` and its like, ``@every 1h30m`` or ``@never``.

    Raises ValueError with the reason.
    """
    if not spec:
        raise ValueError("Empty spec string")
    if len(spec) > _MOST_CHARACTERS:
        raise ValueError(f"a spec of more than {_MOST_CHARACTERS} characters")
    if spec == _NEVER:
        return Schedule(lambda _time: None)
    if spec.startswith(_EVERY):
        return _every(_duration(spec.removeprefix(_EVERY)))
    fields = _DESCRIPTORS.get(spec, spec)
    if fields.startswith("@"):
        raise ValueError(f"unrecognized descriptor: {spec}")
    count = len(fields.split())
    if count != _FIELDS:
        raise ValueError(f"expected exactly {_FIELDS} fields, found {count}: [{spec}]")
    try:
        CronSim(fields, datetime.fromtimestamp(0, timezone.utc))
    except CronSimError as error:
        raise ValueError(f"{error}: [{spec}]") from None
    return Schedule(lambda time: _cron(fields, time))


def _every(delay: int) -> Schedule:
    """Whole seconds apart and on whole seconds, as in Go's cron library; at least one."""
    whole = max(delay - delay % SECOND, SECOND)
    return Schedule(lambda time: time - time % SECOND + whole)


def _cron(fields: str, time: int) -> int | None:
    tick = next(CronSim(fields, datetime.fromtimestamp(time // SECOND, timezone.utc)), None)
    return int(tick.timestamp()) * SECOND if tick is not None else None


def _duration(text: str) -> int:
    """Nanoseconds of a duration as Go writes it, such as ``1h30m`` or ``1.5s``."""
    if not _DURATION.fullmatch(text):
        raise ValueError(f'time: invalid duration "{text}"')
    amounts = [float(amount) * _UNITS[unit] for amount, unit in re.findall(_AMOUNT, text)]
    if sum(amounts) >= _LONGEST:
        raise ValueError(f'time: invalid duration "{text}"')
    total = sum(map(round, amounts))
    return -total if text.startswith("-") else total
