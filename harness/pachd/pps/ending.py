"""The ends that a job can come to by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.pps import job_changes, results
from harness.pachd.pps.composing import Composition
from harness.pachd.pps.fates import Fate
from harness.pachd.pps.progress import Stopped
from harness.pachd.pps.states import DatumState, JobState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.pachd.pps.egress import Egress
    from harness.pachd.pps.keys import Job
    from harness.pachd.pps.log_writing import Log
    from harness.pachd.pps.progress import Progress
    from harness.pachd.pps.roster import Roster
    from harness.pachd.pps.tools import Tools

_SHORT = 1000  # datums; the last transaction of such a job takes some milliseconds


class Ending:
    """Ends one job, each way in one transaction: content and state of its commits, its own state, what it leaves."""

    def __init__(self, tools: Tools, progress: Progress, log: Log, egress: Egress | None) -> None:
        """``egress`` sends what a good job has made to somewhere else, before it ends."""
        self._tools = tools
        self._progress = progress
        self._job = progress.job
        self._log = log
        self._egress = egress

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

    def failed(self, roster: Roster) -> bool:
        """End the job where one of its datums has failed. What others made is kept in the failed commits."""
        if not self._progress.counters.failed:
            return False
        with self._tools.store.snapshot() as conn:
            ids = (end.datum for end in results.ends(conn, self._job) if end.state is DatumState.FAILED)
            failed = min(map(roster.get, ids), key=lambda datum: (datum.index, datum.id), default=None)
        if failed is None:  # somebody else has counted some; see UpdateJobState
            return False
        self._end(JobState.FAILURE, f"datum {failed.id} failed", self._compose(roster))
        return True

    def succeed(self, roster: Roster, base: Job | None) -> None:
        """All datums of the job are done, but for those that are skipped by ``base``."""
        composition = self._compose(roster, roster.having(Fate.CHANGED, Fate.GONE))
        if self._egress is not None:
            self._egress.send(composition.keep())
        if roster.total > _SHORT:  # else the state would last no time
            with self._progress.transaction() as txn:
                job_changes.move(txn, self._job, JobState.FINISHING)
        self._log.master("job successful, closing commits")
        with self._progress.transaction() as txn:
            self._progress.settle(txn)
            self._tools.sets.keep(txn, self._job, base, roster.having(Fate.CHANGED, Fate.GONE))
            job_changes.end(txn, self._job, JobState.SUCCESS, "", composition.save(txn.conn))

    def _compose(self, roster: Roster, gone: Iterable[str] = ()) -> Composition:
        composition = Composition(self._tools, self._job)
        composition.remove(gone)
        composition.add(roster)
        return composition

    def _end(self, state: JobState, reason: str, composition: Composition | None = None) -> None:
        self._log.master(f"failing job with reason: {reason}")
        with self._progress.transaction() as txn:
            job_changes.end(txn, self._job, state, reason, composition.save(txn.conn) if composition else (None, None))
