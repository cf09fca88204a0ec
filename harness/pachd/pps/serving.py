"""Jobs of services: the code answers on a port of its own for as long as the job is the pipeline's newest."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from harness.pachd.pps import job_changes, jobs
from harness.pachd.pps.enduring import Endeavour, Enduring
from harness.pachd.pps.states import JobState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.pachd.pps.crew import Crew
    from harness.pachd.pps.datums import Datum
    from harness.pachd.pps.jobs import JobRow
    from harness.pachd.pps.log_writing import Log
    from harness.pachd.pps.progress import Progress
    from harness.pachd.pps.tools import Tools
    from harness.pachd.pps.versions import Version

# Pachyderm starts code that fails so often; ``datum_tries`` does not count.
_TRIES = 4
_NOT_SINGLE = "services must have a single datum"


@dataclass(frozen=True)
class Serving:
    """Takes one job of a service from its datum to its end."""

    tools: Tools
    version: Version
    crew: Crew
    progress: Progress
    said: Log

    def run(self, row: JobRow, datums: Iterable[Datum]) -> None:
        """Run the code until there is a newer job; whatever became of it by then, the job has succeeded.

        Raises Stopped, and then nothing runs any more either.
        """
        first = list(islice(datums, 2))
        with self.progress.transaction() as txn:
            self.progress.begin(txn, len(first))
            job_changes.move(txn, row.job, JobState.RUNNING)
        self.said.master("updating job info, state: JOB_RUNNING")
        if len(first) == 1:
            self._serve(row, first[0])
        else:
            self.said.worker("", f"errored running user code: {_NOT_SINGLE}")
            self._await_successor(row)
        with self.progress.transaction() as txn:
            job_changes.move(txn, row.job, JobState.FINISHING)
        with self.progress.transaction() as txn:
            job_changes.end(txn, row.job, JobState.SUCCESS, "")

    def _serve(self, row: JobRow, datum: Datum) -> None:
        name = f"{self.crew.name}-{row.job.id[:8]}"
        inputs = self.tools.materials.directories(datum)
        what = Endeavour(self.version, name, self.tools.seconds_to_retry, _TRIES, datum, inputs)
        code = Enduring(self.crew.runtime, self.crew.image, what, self.said)
        try:
            self._await_successor(row)
        finally:
            code.close()

    def _await_successor(self, row: JobRow) -> None:
        def look() -> bool | None:
            with self.tools.store.snapshot() as conn:
                return jobs.has_successor(conn, row) or None

        self.progress.wait(look)
