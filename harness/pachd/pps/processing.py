"""Processing the datums of a job: which are skipped by its base, which are executed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.pachd.pps import results
from harness.pachd.pps.fates import Fate, compare
from harness.pachd.pps.requests import EVERY_JOB

if TYPE_CHECKING:
    from harness.pachd.pps.bases import Base, Hashes
    from harness.pachd.pps.ending import Ending
    from harness.pachd.pps.progress import Progress
    from harness.pachd.pps.roster import Roster
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

    def run(self, roster: Roster, base: Base) -> None:
        """Two stages: first what the base does not know, which need not wait for it; then what has changed.

        The job has ended when this returns. Raises BaseFailed, and Stopped.
        """
        with self.tools.store.snapshot() as conn:
            roster.leave_out(end.datum for end in results.ends(conn, self.progress.job))
        known = self.progress.wait(base.known)
        self._decide(roster, known.datums)
        if not self._execute(roster, Fate.NEW):
            return
        if not known.complete:
            self._decide(roster, self.progress.wait(base.hashes))
        changed = roster.number(Fate.CHANGED)
        self.progress.skip(roster.total - roster.number(Fate.NEW) - changed, at_once=changed > 0)
        if self._execute(roster, Fate.CHANGED):
            self.ending.succeed(roster, base.job)

    def _decide(self, roster: Roster, known: Hashes) -> None:
        roster.decide(compare(roster.hashes(), known, skip=self.details.reprocess_spec != EVERY_JOB))

    def _execute(self, roster: Roster, fate: Fate) -> bool:
        """Execute the datums of that fate; False where the job has failed by that."""
        if roster.number(fate):
            roster.queue(fate)
            self.stage.execute(roster, self.progress.keep)
        return not self.ending.failed(roster)
