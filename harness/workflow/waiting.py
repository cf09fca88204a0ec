"""Waiting for a run, telling how far it is, and seeing at once when it cannot succeed.

The waiting itself is Pachyderm's own waiting calls; only progress is asked for anew, at most once a second.
"""

from __future__ import annotations

import logging
import threading
import time
from concurrent import futures
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from python_pachyderm.service import pfs_proto, pps_proto

from harness.workflow.errors import DeadlineError, JobFailedError, PipelineCrashedError, explained
from harness.workflow.results import Job, Run, job_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.clusters import Cluster

SECONDS_BETWEEN_LOOKS = 1.0
SECONDS_BETWEEN_SIGNS_OF_LIFE = 15.0
LOG_LINES = 10
WAITING = ("created", "starting")
LOST_PIPELINES = ("PIPELINE_CRASHING", "PIPELINE_FAILURE")


def _is_no_cancelling(record: logging.LogRecord) -> bool:
    """python_pachyderm looks into every call that ends, and stumbles over those that we cancel; gRPC logs that."""
    return "FutureCancelledError" not in record.getMessage()


logging.getLogger("grpc._channel").addFilter(_is_no_cancelling)


@dataclass
class Wait:
    """One wait for the run ``id``. ``tell`` gets a line whenever something moved, or nothing did for long.

    ``begun`` hears of each job that has begun to run, once.
    """

    cluster: Cluster
    client: Any
    id: str
    tell: Callable[[str], None]
    begun: Callable[[Job], None]
    _told: dict[str, str] = field(default_factory=dict)
    _begun: set[str] = field(default_factory=set)
    _told_at: float = field(default_factory=time.monotonic)

    def until_finished(self, seconds: float) -> Run:
        """The run after every job ended and every commit is closed, whether or not they succeeded.

        Raises :class:`DeadlineError`, :class:`PipelineCrashedError`, or ``ClusterDiedError``.
        """
        deadline = time.monotonic() + seconds
        settled: futures.Future[None] = futures.Future()
        calls: list[Any] = []
        threading.Thread(target=self._settle, args=(calls, settled), name="wait", daemon=True).start()
        try:
            while not self._is_settled(settled, deadline):
                jobs = self.look()
                self._check_pipelines(jobs)
                if time.monotonic() >= deadline:
                    raise DeadlineError(f"run {self.id} has not finished in {seconds:g} s: {_summary(jobs)}")
        finally:
            for call in calls:
                call.cancel()
        return Run(self.id, self.look())

    def look(self) -> tuple[Job, ...]:
        """The run's jobs as they are now; tells what moved."""
        with explained(self.cluster, f"looking at run {self.id}"):
            jobs = tuple(job_from(info) for info in self.client.inspect_job(self.id))
        for job in jobs:
            if job.state not in WAITING and job.pipeline not in self._begun:
                self._begun.add(job.pipeline)
                self.begun(job)
            self._tell_job(job)
        return jobs

    def _settle(self, calls: list[Any], settled: futures.Future[None]) -> None:
        try:
            for ask in (self._ask_jobs, self._ask_commits):
                calls.append(ask())
                for _ in calls[-1]:
                    pass
            settled.set_result(None)
        except Exception as error:  # noqa: BLE001 -- handed to the waiting thread
            settled.set_exception(error)

    def _ask_jobs(self) -> Any:
        return self.client.inspect_job(self.id, wait=True)

    def _ask_commits(self) -> Any:
        return self.client.inspect_commit(self.id, pfs_proto.CommitState.FINISHED)

    def _is_settled(self, settled: futures.Future[None], deadline: float) -> bool:
        patience = max(0.0, min(SECONDS_BETWEEN_LOOKS, deadline - time.monotonic()))
        if not futures.wait([settled], patience).done:
            return False
        with explained(self.cluster, f"waiting for run {self.id}"):
            settled.result()
        return True

    def _check_pipelines(self, jobs: tuple[Job, ...]) -> None:
        for job in jobs:
            if not job.ended:
                state, reason = self._pipeline(job)
                if state in LOST_PIPELINES:
                    raise PipelineCrashedError(f"pipeline {job.pipeline} cannot run: {reason or state}")
                if reason:  # such as that its image is being made ready, which takes a while the first time
                    self._tell_news(f"reason of {job.pipeline}", f"{job.pipeline}  {reason}")

    def _pipeline(self, job: Job) -> tuple[str, str]:
        with explained(self.cluster, f"looking at pipeline {job.pipeline}"):
            (info,) = self.client.inspect_pipeline(job.pipeline, project_name=job.project)
        return pps_proto.PipelineState.Name(info.state), info.reason

    def check(self, run: Run) -> Run:
        """``run``, if all its jobs succeeded; else raises :class:`JobFailedError` for the first that did not."""
        for job in run.jobs:
            if job.state != "success":
                state, lost = self._pipeline(job)
                reason = lost if state in LOST_PIPELINES and lost else job.reason or "no reason given"
                raise JobFailedError(job, reason, self._log(job))
        return run

    def _log(self, job: Job) -> list[str]:
        with explained(self.cluster, f"reading the log of job {job.title}"):
            lines = [
                message.message
                for message in self.client.get_job_logs(job.pipeline, job.id, project_name=job.project)
                if message.user
            ]
        return [line.rstrip("\n") for line in lines[-LOG_LINES:]]

    def _tell_job(self, job: Job) -> None:
        line = f"{job.title}  {job.state}  {job.done}/{job.total} datums"
        if self._tell_news(job.pipeline, line) or job.ended:
            return
        quiet = time.monotonic() - self._told_at
        if quiet >= SECONDS_BETWEEN_SIGNS_OF_LIFE:
            self._told_at = time.monotonic()
            self.tell(f"{line}  (nothing new for {quiet:.0f} s)")

    def _tell_news(self, about: str, line: str) -> bool:
        """Tell ``line`` unless it is what was told last about the same; whether it was told."""
        if self._told.get(about) == line:
            return False
        self._told[about] = line
        self._told_at = time.monotonic()
        self.tell(line)
        return True


def _summary(jobs: tuple[Job, ...]) -> str:
    return (
        ", ".join(f"{job.title} is {job.state} with {job.done}/{job.total} datums" for job in jobs) or "it has no jobs"
    )
