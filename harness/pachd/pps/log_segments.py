"""The files of a log: segments, of which the oldest go when there are too many, so that what is new is kept."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Together, what is kept of all that one job says.
SEGMENT_BYTES = 8 * 1024 * 1024
SEGMENTS = 8

_NAME = re.compile(r"(?P<log>\d+-[^.]+)\.(?P<number>\d+)\.jsonl")


@dataclass(frozen=True, order=True)
class LogName:
    """One log: the lines of a job, or those of a pipeline's workers outside of jobs. Sorts by when the job was made."""

    folder: Path
    created: int
    owner: str

    def __str__(self) -> str:
        return f"{self.created:020d}-{self.owner}"

    def segment(self, number: int) -> Path:
        """The file of that number, counted from 0."""
        return self.folder / f"{self}.{number:06d}.jsonl"

    def segments(self) -> list[int]:
        """The numbers of the files that there are, in order."""
        return sorted(number for log, number in _found(self.folder) if log == self)

    def delete(self) -> None:
        """Remove the files."""
        for number in self.segments():
            self.segment(number).unlink(missing_ok=True)


def logs_of(folder: Path) -> dict[LogName, list[int]]:
    """The logs in a folder in order, and the numbers of their segments."""
    found: dict[LogName, list[int]] = {}
    for log, number in sorted(_found(folder)):
        found.setdefault(log, []).append(number)
    return found


def _found(folder: Path) -> Iterator[tuple[LogName, int]]:
    with suppress(FileNotFoundError, NotADirectoryError):
        for path in folder.iterdir():
            match = _NAME.fullmatch(path.name)
            if match is not None:
                created, _, owner = match["log"].partition("-")
                yield LogName(folder, int(created), owner), int(match["number"])
