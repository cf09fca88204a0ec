"""When jobs waited and ran, as bars over one axis of time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.evidence import moments
from harness.report import wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.evidence.facts import Job

MOST_JOBS = 80
LEAST_LABELS = 190
LETTER = 7  # pixels, a little more than what the widest label's letters take on average
AXIS = 700
AFTER = 190
ROW = 26
HEADER = 30
_TICKS = 6


@dataclass(frozen=True)
class Bar:
    """A job: it waited from ``x`` to ``ran`` and worked from there for ``width``; all in pixels."""

    job: Job
    y: int
    x: float
    ran: float
    width: float
    took: str


@dataclass(frozen=True)
class Timeline:
    """The picture; its left ``labels`` pixels are for names; ``hidden`` counts the oldest jobs that were left out."""

    width: int
    height: int
    labels: int
    ticks: tuple[tuple[float, str], ...]
    bars: tuple[Bar, ...]
    hidden: int


def timeline(jobs: Sequence[Job]) -> Timeline | None:
    """The picture of the newest jobs; None where there are none with both a beginning and an end."""
    known = [job for job in jobs if job.created and job.finished]
    shown = known[-MOST_JOBS:]
    if not shown:
        return None
    begin = min(moments.seconds(job.created or "") for job in shown)
    end = max(moments.seconds(job.finished or "") for job in shown)
    step = _step(end - begin)
    scale = AXIS / (math.ceil((end - begin) / step) * step)
    labels = max(LEAST_LABELS, *(LETTER * len(label(job)) + 24 for job in shown))
    ticks = tuple(
        (labels + place * step * scale, f"{place * step:g} s") for place in range(round(AXIS / scale / step) + 1)
    )
    bars = tuple(_bar(job, labels, HEADER + row * ROW, begin, scale) for row, job in enumerate(shown))
    height = HEADER + len(shown) * ROW + 8
    return Timeline(labels + AXIS + AFTER, height, labels, ticks, bars, len(known) - len(shown))


def label(job: Job) -> str:
    """What stands before a job's bar."""
    return f"{wording.repo(job.output_commit)} v{job.version} {wording.short(job.id)}"


def _bar(job: Job, labels: int, y: int, begin: float, scale: float) -> Bar:
    created, started, finished = (
        labels + (moments.seconds(moment or job.created or "") - begin) * scale
        for moment in (job.created, job.started, job.finished)
    )
    took = wording.took(job.created, job.finished)
    return Bar(job, y, round(created, 1), round(started, 1), round(max(finished - started, 2), 1), took)


def _step(span: float) -> float:
    """A round number of seconds that divides ``span`` into about six parts."""
    rough = max(span, 0.001) / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
