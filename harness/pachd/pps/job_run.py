"""One job being run: from CREATED to its end, in a thread of its own.

Every step is kept before the next begins, so that after a crash the next server takes the job up where it was.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from harness.pachd.errors import PachError
from harness.pachd.pps import bases, inputs, job_changes, job_inputs, jobs
from harness.pachd.pps.bases import Base, BaseFailed
from harness.pachd.pps.counters import Counters
from harness.pachd.pps.egress import Egress, target
from harness.pachd.pps.ending import Ending
from harness.pachd.pps.execution import Execution
from harness.pachd.pps.processing import Processing
from harness.pachd.pps.progress import Progress, Stopped
from harness.pachd.pps.roster import Roster
from harness.pachd.pps.serving import Serving
from harness.pachd.pps.stage import Stage
from harness.pachd.pps.states import JobState, PipelineKind
from harness.pachd.pps.time_limit import TimeLimit
from harness.pachd.store.disk import insist, is_full

if TYPE_CHECKING:
    from collections.abc import Hashable

    from harness.pachd.pps.bases import Peers
    from harness.pachd.pps.crew import Crew
    from harness.pachd.pps.job_inputs import JobInputs
    from harness.pachd.pps.jobs import JobRow
    from harness.pachd.pps.keys import Job
    from harness.pachd.pps.tools import Tools
    from harness.pachd.pps.versions import Version
    from harness.pachd.store.events import Listener

log = logging.getLogger(__name__)


class JobRun:
    """A job in progress, until it has ``ended``.

    ``roster`` has its datums, None until they are known.
    """

    def __init__(self, tools: Tools, row: JobRow, version: Version, crew: Crew, peers: Peers) -> None:
        """``peers`` finds the run of another job of the pipeline that is in progress too."""
        self.job: Job = row.job
        self.ended = False
        self.roster: Roster | None = None
        self._tools = tools
        self._row = row
        self._version = version
        self._crew = crew
        self._peers = peers
        self._log = tools.logs.of_job(row)
        self._cancelled = threading.Event()
        self._listener: Listener | None = None
        self._limit = TimeLimit(tools.store, row.job, version.info.details.job_timeout.ToNanoseconds())
        self._thread = threading.Thread(target=self._run, name=str(row.job), daemon=True)

    def start(self) -> None:
        """Run the job to its end, or until it is cancelled; then make listeners of all jobs look."""
        self._thread.start()

    def join(self) -> None:
        """Wait until nothing runs any more."""
        self._thread.join()

    def cancel(self) -> None:
        """Have the run end soon, whatever it does; what is stored of the job is left as it is."""
        self._cancelled.set()
        if self._listener is not None:
            self._listener.cancel()

    def _run(self) -> None:
        try:
            with ExitStack() as held:
                listener = held.enter_context(self._tools.store.events.listen(jobs.TOPIC, *self._topics()))
                self._listener = listener
                if self._cancelled.is_set():
                    listener.cancel()
                insist(lambda: self._go(listener), self._cancelled)
        except Stopped:
            log.debug("job %s is no more to be run", self.job)
        except PachError as error:  # the server closes, or the commits are gone
            log.debug("job %s: %s", self.job, error.message)
        finally:
            self._limit.cancel()
            self._crew.cancel(self.job)
            self._log.close()
            self.roster = None
            self.ended = True
            self._tools.store.events.publish([jobs.TOPIC])  # there is room for another job

    def _go(self, listener: Listener) -> None:
        """Run the job from where it is kept to be. Raises DISK_FULL, and may then be called again."""
        store = self._tools.store
        row = self._kept()
        progress = Progress(store, row, listener)
        ending = Ending(self._tools, progress, self._log, self._egress(progress))
        execution = Execution(
            self._version, self.job, self._crew.image.digest, self._log, self._tools.materials, store.objects
        )
        stage = Stage(self.job, self._version.info, self._crew, execution, listener)
        processing = Processing(self._tools, self._version.info.details, progress, stage, ending)
        try:
            found = self._await_inputs(row, progress)
            if found.failed:
                ending.unrunnable(found.failed)
            elif self._version.kind is PipelineKind.SERVICE:
                serving = Serving(self._tools, self._version, self._crew, progress, self._log)
                serving.run(row, found.datums(store.files))
            else:
                self._process(found, progress, processing)
        except Stopped:
            raise
        except PachError as error:  # such as a malformed glob
            if is_full(error):
                self._crew.cancel(self.job)
                raise
            ending.break_off(error.message)
        except Exception as error:  # whatever it is, nobody must wait for ever
            log.exception("job %s", self.job)
            ending.break_off(f"internal error: {type(error).__name__}: {error}")

    def _kept(self) -> JobRow:
        """The job as it is stored now; raises Stopped where it is not."""
        with self._tools.store.snapshot() as conn:
            row = jobs.find(conn, self.job)
        if row is None:
            raise Stopped
        return row

    def _await_inputs(self, row: JobRow, progress: Progress) -> JobInputs:
        if row.state is JobState.CREATED:
            with progress.transaction() as txn:
                job_changes.move(txn, self.job, JobState.STARTING)
        self._log.master("started waiting for job inputs")

        def look() -> JobInputs | None:
            with self._tools.store.snapshot() as conn:
                found = job_inputs.load(conn, self.job, self._version.info.details.input)
                found.hold(self._tools.store.files)
            return found if found.finished else None

        return progress.wait(look)

    def _process(self, found: JobInputs, progress: Progress, processing: Processing) -> None:
        self._log.master("started creating full job datum file set")
        datums = found.datums(self._tools.store.files)
        roster = self.roster = Roster(self._tools.scratch, datums, self._version.info.details.salt)
        while True:
            base = self._begin(roster.total, progress)
            try:
                processing.run(roster, Base(self._tools, base, self._peers))
            except BaseFailed:
                with progress.transaction() as txn:
                    progress.start_again(txn)
            else:
                return

    def _begin(self, total: int, progress: Progress) -> Job | None:
        """Choose the base and enter RUNNING; go on with what an earlier server did for the same base."""
        with progress.transaction() as txn:
            row = jobs.get(txn.conn, self.job)
            base = bases.choose(txn.conn, self.job)
            base_id = base.id if base is not None else None
            if row.started is not None and row.base != base_id and row.counters != Counters():
                progress.start_again(txn)
            job_changes.set_base(txn, self.job, base_id)
            progress.begin(txn, total)
            done = progress.counters.processed + progress.counters.recovered + progress.counters.failed
            job_changes.move(txn, self.job, JobState.RUNNING, note=f"{done} of {total} datums")
        self._limit.start(row.started or time.time_ns())
        self._log.master("updating job info, state: JOB_RUNNING")
        chosen = f'is "{base.meta}"' if base else "not selected"
        self._log.master(f'base meta commit for job "{self.job}" {chosen}')
        self._log.master("started processing job running")
        self._log.master("started creating datum sets")
        return base

    def _egress(self, progress: Progress) -> Egress | None:
        spec = self._version.info.details
        if not spec.HasField("egress"):
            return None
        return Egress(self._tools, target(spec.egress), progress, self._log, self._cancelled)

    def _topics(self) -> list[Hashable]:
        return [("repo", inputs.repo(leaf)) for leaf in inputs.leaves(self._version.info.details.input)]
