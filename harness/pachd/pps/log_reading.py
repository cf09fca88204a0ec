"""Reading what jobs and user code said, also while more is being written."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


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
    data: tuple[tuple[str, str], ...]


class Reader:
    """Reads on where it stopped the time before. ``files`` gives those that there are now, in their order."""

    def __init__(self, files: Callable[[], list[Path]]) -> None:
        self._files = files
        self._offsets: dict[Path, int] = {}
        self._data: dict[str, tuple[tuple[str, str], ...]] = {}

    def more(self) -> Iterator[Line]:
        """The complete lines that came since."""
        for path in self._files():
            if path.stat().st_size > self._offsets.get(path, 0):
                yield from self._lines(path)

    def _lines(self, path: Path) -> Iterator[Line]:
        with path.open("rb") as file:
            file.seek(self._offsets.get(path, 0))
            for raw in file:
                if not raw.endswith(b"\n"):
                    return
                self._offsets[path] = self._offsets.get(path, 0) + len(raw)
                with suppress(json.JSONDecodeError):  # a line that was cut off
                    yield self._line(json.loads(raw))

    def _line(self, found: dict[str, object]) -> Line:
        datum = str(found.get("datum", ""))
        described = found.get("data")
        if isinstance(described, list):
            self._data[datum] = tuple((path, hash_) for path, hash_ in described)
        return Line(
            time=int(str(found["time"])),
            job_id=str(found["job"]),
            worker=str(found.get("worker", "")),
            datum=datum,
            master=bool(found.get("master")),
            user=bool(found.get("user")),
            message=str(found["message"]),
            data=self._data.get(datum, ()),
        )
