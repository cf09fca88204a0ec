"""One version of a pipeline that runs: its image, its crew, its jobs in progress, its state."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from harness.pachd.errors import PachError
from harness.pachd.pps import conditions, parallelism, unenforced, vault, versions
from harness.pachd.pps.crew import Crew
from harness.pachd.pps.job_run import JobRun
from harness.pachd.pps.pauses import growing
from harness.pachd.pps.spouts import Spout
from harness.pachd.pps.states import PipelineKind, PipelineState
from harness.pachd.pps.surroundings import furnish
from harness.pachd.store.disk import insist
from harness.pachd.workers import host
from harness.pachd.workers.contract import ImageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.pachd.pps.datums import Datum
    from harness.pachd.pps.jobs import JobRow
    from harness.pachd.pps.keys import Job
    from harness.pachd.pps.tickets import Busy
    from harness.pachd.pps.tools import Tools
    from harness.pachd.pps.versions import Version
    from harness.pachd.store.events import Listener
    from harness.pachd.workers.contract import PreparedImage, Runtime

log = logging.getLogger(__name__)


class Desk:
    """Runs the jobs of one version of a pipeline, in order of creation, as many at once as it may have workers."""

    def __init__(self, tools: Tools, runtime: Runtime, version: Version, before: Sequence[threading.Thread]) -> None:
        """Begin to make the image ready; jobs wait for it. ``before`` are closing the desks of versions before."""
        self.pipeline = version.pipeline
        self._before = before
        self._tools = tools
        self._runtime = runtime
        self._version = version
        self._crew: Crew | None = None
        self._spout: Spout | None = None
        self._runs: dict[Job, JobRun] = {}
        self._closed = threading.Event()
        self._opening = threading.Lock()
        self._trouble = ""
        self._pauses = growing(tools.seconds_to_retry)
        self._retrying: Listener | None = None
        self._preparing = threading.Thread(target=self._prepare, name=f"image of {version.pipeline}", daemon=True)
        self._preparing.start()

    def busy(self) -> list[Busy]:
        """What its workers do at this moment."""
        return self._crew.busy() if self._crew is not None else []

    def restart(self, job: Job, meant: Callable[[Datum], bool]) -> bool:
        """See :meth:`Crew.restart`."""
        return self._crew is not None and self._crew.restart(job, meant)

    def serve(self, version: Version, unfinished: Sequence[JobRow]) -> None:
        """Cancel the runs of jobs that have ended by others, start those that may begin. Called by one thread only."""
        self._version = version
        wanted = {row.job for row in unfinished}
        for run in [run for job, run in self._runs.items() if job not in wanted]:
            run.cancel()
            if run.ended:
                del self._runs[run.job]
        if version.state is PipelineState.FAILURE and unfinished:
            conditions.kill_jobs(self._tools.store, version)
        elif self._crew is not None:
            conditions.rest_or_run(self._tools.store, version, working=bool(unfinished))
            if not unfinished and version.info.details.autoscaling:
                self._crew.rest()
            self._start(unfinished, self._crew)

    def close(self) -> None:
        """End runs and workers; jobs stay as they are stored."""
        with self._opening:
            self._closed.set()
        if self._retrying is not None:
            self._retrying.cancel()
        for run in self._runs.values():
            run.cancel()
        for run in self._runs.values():
            run.join()
        if self._crew is not None:
            self._crew.close()
        if self._spout is not None:
            self._spout.close()

    def _start(self, unfinished: Sequence[JobRow], crew: Crew) -> None:
        room = crew.size - sum(not run.ended for run in self._runs.values())
        waiting = [row for row in unfinished if row.job not in self._runs]
        for row in waiting[: max(room, 0)]:
            self._runs[row.job] = JobRun(self._tools, row, self._version, crew, self._runs.get)
            self._runs[row.job].start()

    def _prepare(self) -> None:
        if not self._version.info.details.transform.cmd:
            self._tell(PipelineState.FAILURE, "nothing to run: no transform.cmd")
            return
        for closing in self._before:  # what runs there may hold a port that this version needs
            closing.join()
        try:
            with self._tools.store.events.listen(vault.TOPIC) as listener:
                self._retrying = listener
                if not self._closed.is_set():
                    listener.repeat(lambda: self._try(listener))
        except PachError as error:
            log.debug("%s: %s", self._version.pipeline, error.message)

    def _try(self, listener: Listener) -> float | None:
        """Get everything ready to run; the seconds after which to try again, as Kubernetes does, if that fails."""
        try:
            image = self._runtime.prepare(self._version.info.details.transform.image, self._tell_progress)
            self._open(image)
        except ImageError as error:
            self._crash(str(error))
        except PachError:
            raise
        except Exception as error:  # the pipeline must not stay in STARTING without a word
            log.exception("image of %s", self._version.pipeline)
            self._crash(f"internal error: {type(error).__name__}: {error}")
        else:
            listener.cancel()
            return None
        return next(self._pauses)

    def _crash(self, reason: str) -> None:
        self._tell(PipelineState.CRASHING, reason)
        if reason != self._trouble:
            self._trouble = reason
            self._note(f"note: {reason}")

    def _open(self, image: PreparedImage) -> None:
        version = self._version
        self._note(f"transform spawner process: image {image.name} is ready ({image.digest})")
        transform = version.info.details.transform
        lacking = host.lacking(image, transform.cmd, transform.env)
        for told in (image.note, lacking, unenforced.note(version.info.details)):
            if told:
                self._note(f"note: {told}")
        name = f"{version.pipeline.project}-{version.pipeline.name}-v{version.number}"
        furnished = furnish(image, version, self._tools.vault, self._tools.access)
        with self._opening:
            if self._closed.is_set():
                return
            if version.kind is PipelineKind.SPOUT:
                self._spout = Spout(self._tools, self._runtime, furnished, version, name)
            else:
                size, pause = parallelism.workers(version.info), self._tools.seconds_to_retry
                self._crew = Crew(self._runtime, furnished, name, size, self._tell_of_workers, pause)
        self._tell(PipelineState.STANDBY if version.info.details.autoscaling else PipelineState.RUNNING, "")
        # Also when the state was RUNNING already, as after a restart: jobs wait for the crew, not for the state.
        self._tools.store.events.publish([versions.TOPIC])

    def _note(self, message: str) -> None:
        """Tell those who read the pipeline's log."""
        workers = self._tools.logs.of_workers(self._version.pipeline)
        workers.worker("", message)
        workers.close()

    def _tell_of_workers(self, trouble: str) -> None:
        if trouble:
            self._crash(f"cannot start a worker: {trouble}")
        else:
            self._tell(PipelineState.RUNNING, "")

    def _tell_progress(self, reason: str) -> None:
        self._tell(PipelineState.STARTING, reason)

    def _tell(self, state: PipelineState, reason: str) -> None:
        insist(lambda: conditions.report(self._tools.store, self._version, state, reason), self._closed)
