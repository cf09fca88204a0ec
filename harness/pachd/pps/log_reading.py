"""Reading what jobs and user code said, also while more is being written."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.pachd.pps.log_segments import SEGMENT_BYTES, SEGMENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from harness.pachd.pps.log_segments import LogName

    Data = tuple[tuple[str, str], ...]
    Found = dict[str, object]

_KEPT = SEGMENTS * SEGMENT_BYTES // 1024 // 1024  # MiB


@dataclass(frozen=True)
class Line:
    """One line. ``time`` is in nanoseconds since the epoch; ``data`` the datum's inputs: paths and hexadecimal hashes.

    ``user`` marks what user code printed, ``master`` what the orchestration of the job says; the rest is the workers'.
    """

    time: int
    job_id: str
    worker: str
    datum: str
    master: bool
    user: bool
    message: str
    data: Data


@dataclass
class _Place:
    """How far a log has been read: its segment, the offset there, the number of lines; the datums described there."""

    number: int = 0
    offset: int = 0
    lines: int = 0
    described: dict[str, Data] = field(default_factory=dict)


class Reader:
    """Reads on where it stopped the time before.

    ``logs`` gives the logs that there are now, in their order. What was written to last before ``oldest`` (nanoseconds
    since the epoch) is left out.
    """

    def __init__(self, logs: Callable[[], Mapping[LogName, Sequence[int]]], oldest: int = 0) -> None:
        self._logs = logs
        self._oldest = oldest
        self._places: dict[LogName, _Place] = {}

    def behind(self) -> bool:
        """Whether there may be lines that were not read yet."""
        return any(True for _ in self._unread())

    def more(self) -> Iterator[Line]:
        """The complete lines that came since. A line says so where some are not kept any more."""
        for log, number in self._unread():
            place = self._places.setdefault(log, _Place())
            if number != place.number:
                place.number, place.offset = number, 0
                place.described.clear()
            with suppress(FileNotFoundError):  # deleted a moment ago
                yield from self._lines(log, place)

    def _unread(self) -> Iterator[tuple[LogName, int]]:
        for log, numbers in self._logs().items():
            place = self._places.get(log, _Place())
            for number in numbers:
                with suppress(FileNotFoundError):
                    stat = log.segment(number).stat()
                    read = place.offset if number == place.number else 0
                    if number >= place.number and stat.st_size > read and stat.st_mtime_ns >= self._oldest:
                        yield log, number

    def _lines(self, log: LogName, place: _Place) -> Iterator[Line]:
        with log.segment(place.number).open("rb") as file:
            file.seek(place.offset)
            for raw in file:
                if not raw.endswith(b"\n"):
                    return
                place.offset += len(raw)
                with suppress(json.JSONDecodeError):  # a line that was cut off
                    found = json.loads(raw)
                    if "before" not in found:
                        place.lines += 1
                        yield _line(found, place)
                    elif found["before"] > place.lines:
                        yield _line({**found, "message": _missing(found["before"] - place.lines)}, place)
                        place.lines = found["before"]


def _missing(lines: int) -> str:
    return f"{lines} older lines are not kept any more: a log keeps its newest {_KEPT} MiB"


def _line(found: Found, place: _Place) -> Line:
    datum = str(found.get("datum", ""))
    described = found.get("data")
    if isinstance(described, list):
        place.described[datum] = tuple((path, hash_) for path, hash_ in described)
    return Line(
        time=int(str(found["time"])),
        job_id=str(found["job"]),
        worker=str(found.get("worker", "")),
        datum=datum,
        master=bool(found.get("master")),
        user=bool(found.get("user")),
        message=str(found["message"]),
        data=place.described.get(datum, ()),
    )
