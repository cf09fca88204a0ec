"""The ends that a job can come to by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.pps import job_changes, results
from harness.pachd.pps.composing import Composition
from harness.pachd.pps.progress import Stopped
from harness.pachd.pps.states import DatumState, JobState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.pachd.pps.datums import Datum
    from harness.pachd.pps.keys import Job
    from harness.pachd.pps.log_writing import Log
    from harness.pachd.pps.progress import Progress
    from harness.pachd.pps.tools import Tools


class Ending:
    """Ends one job, each way in one transaction: content and state of its commits, its own state, what it leaves."""

    def __init__(self, tools: Tools, progress: Progress, log: Log) -> None:
        self._tools = tools
        self._progress = progress
        self._job = progress.job
        self._log = log

    def unrunnable(self, failed: Sequence[str]) -> None:
        """Inputs of these names have failed."""
        self._end(
            JobState.UNRUNNABLE, f"unrunnable because the following upstream pipelines failed: {', '.join(failed)}"
        )

    def break_off(self, reason: str) -> None:
        """The job cannot go on."""
        try:
            self._end(JobState.FAILURE, reason)
        except Stopped:  # the reason was that it had been killed
            return

    def failed(self, datums: Sequence[Datum]) -> bool:
        """End the job where one of its ``datums`` has failed. What others made is kept in the failed commits."""
        with self._tools.store.snapshot() as conn:
            states = results.states(conn, self._job)
        failed = next((datum.id for datum in datums if states.get(datum.id) is DatumState.FAILED), None)
        if failed is None:
            return False
        executed = [datum for datum in datums if datum.id in states]
        self._end(JobState.FAILURE, f"datum {failed} failed", self._compose(executed, ()))
        return True

    def succeed(
        self, datums: Sequence[Datum], skipped: frozenset[str], base: Job | None, known: frozenset[str]
    ) -> None:
        """All ``datums`` are done but for the ``skipped`` ones; ``known`` are those of the ``base``."""
        with self._progress.transaction() as txn:
            job_changes.move(txn, self._job, JobState.FINISHING)
        self._log.master("job successful, closing commits")
        gone = known - skipped
        composition = self._compose([datum for datum in datums if datum.id not in skipped], gone)
        with self._progress.transaction() as txn:
            self._tools.sets.keep(txn, self._job, base, gone)
            job_changes.end(txn, self._job, JobState.SUCCESS, "", composition.save(txn.conn))

    def _compose(self, executed: Sequence[Datum], gone: Iterable[str]) -> Composition:
        with self._tools.store.snapshot() as conn:
            composition = Composition(self._tools.store.files, self._tools.materials, conn, self._job)
            composition.remove(gone)
            composition.add(conn, self._job, executed)
        return composition

    def _end(self, state: JobState, reason: str, composition: Composition | None = None) -> None:
        self._log.master(f"failing job with reason: {reason}")
        with self._progress.transaction() as txn:
            job_changes.end(txn, self._job, state, reason, composition.save(txn.conn) if composition else (None, None))
