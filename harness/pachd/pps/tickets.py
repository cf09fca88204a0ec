"""What workers are given to do, and how they are seen doing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.pachd.pps.datums import Datum
    from harness.pachd.pps.keys import Job
    from harness.pachd.workers.contract import Worker


@dataclass(frozen=True)
class Busy:
    """A worker at work on a datum of a job; ``since`` in nanoseconds since the epoch."""

    worker: str
    job: Job
    datum: Datum
    since: int


class Ticket(Protocol):
    """A piece of work for any worker."""

    job: Job

    @property
    def in_hand(self) -> tuple[Datum, int] | None:
        """The datum that is being executed, and since when (nanoseconds since the epoch)."""

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""

    def do(self, worker: Worker) -> None:
        """Do what is left. May raise WorkerLost: if something is left then, another worker goes on."""

    def restart(self, meant: Callable[[Datum], bool], worker: Worker) -> bool:
        """Have the datum in hand tried again, if it is meant; False where none is."""
