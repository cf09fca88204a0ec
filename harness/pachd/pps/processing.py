"""Processing the datums of a job: which are skipped by its base, which are executed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.pachd.pps import results
from harness.pachd.pps.requests import EVERY_JOB

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.pachd.pps.bases import Base
    from harness.pachd.pps.datums import Datum
    from harness.pachd.pps.ending import Ending
    from harness.pachd.pps.progress import Progress
    from harness.pachd.pps.stage import Stage
    from harness.pachd.pps.tools import Tools


@dataclass(frozen=True)
class Processing:
    """Takes one job from its datums to its end. ``details`` are those of the pipeline version that it runs with."""

    tools: Tools
    details: Any
    progress: Progress
    stage: Stage
    ending: Ending

    def run(self, datums: list[Datum], base: Base) -> None:
        """Two stages: first what the base does not know, which need not wait for it; then what has changed.

        The job has ended when this returns. Raises BaseFailed, and Stopped.
        """
        known = self.progress.wait(base.ids)
        self._execute(datum for datum in datums if datum.id not in known)
        if self.ending.failed(datums):
            return
        hashes = self.progress.wait(base.hashes)
        done = self._done()
        skipped = frozenset(datum.id for datum in datums if datum.id not in done and self._skips(datum, hashes))
        self.progress.skip(len(skipped))
        self._execute(datum for datum in datums if datum.id not in skipped)
        if not self.ending.failed(datums):
            self.ending.succeed(datums, skipped, base.job, frozenset(hashes))

    def _execute(self, datums: Iterable[Datum]) -> None:
        done = self._done()
        self.stage.execute((datum for datum in datums if datum.id not in done), self.progress.keep)

    def _skips(self, datum: Datum, hashes: dict[str, str]) -> bool:
        return self.details.reprocess_spec != EVERY_JOB and hashes.get(datum.id) == datum.hash(self.details.salt)

    def _done(self) -> frozenset[str]:
        with self.tools.store.snapshot() as conn:
            return frozenset(results.states(conn, self.progress.job))
