"""What a run did, in the words of Pachyderm's job listing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from python_pachyderm.service import pps_proto

ENDED = frozenset({"success", "failure", "killed", "unrunnable"})


@dataclass(frozen=True)
class Job:
    """One pipeline's part of a run. ``state`` is Pachyderm's, such as ``success``; counts are datums."""

    project: str
    pipeline: str
    id: str
    state: str
    reason: str
    total: int
    processed: int
    skipped: int
    failed: int
    recovered: int
    version: int

    @property
    def counts(self) -> str:
        """Datums as ``processed+skipped/total``, the notation of Pachyderm's own listing."""
        return f"{self.processed}+{self.skipped}/{self.total}"

    @property
    def done(self) -> int:
        """Datums that are behind it, however they ended."""
        return self.processed + self.skipped + self.failed + self.recovered

    @property
    def ended(self) -> bool:
        """Whether its state can change no more."""
        return self.state in ENDED

    @property
    def title(self) -> str:
        """Short and recognisable: ``model@1f2e3d4c``."""
        project = "" if self.project == "default" else f"{self.project}/"
        return f"{project}{self.pipeline}@{self.id[:8]}"


@dataclass(frozen=True)
class Run:
    """Everything that one change set off: its commit set's id and the jobs in it, upstream first."""

    id: str
    jobs: tuple[Job, ...]

    @property
    def counts(self) -> dict[str, str]:
        """Pipeline to ``processed+skipped/total``; pipelines without a job in this run are absent."""
        return {job.pipeline: job.counts for job in self.jobs}

    @property
    def states(self) -> dict[str, str]:
        """Pipeline to state."""
        return {job.pipeline: job.state for job in self.jobs}


def job_from(info: Any) -> Job:
    """From a ``JobInfo``."""
    return Job(
        project=info.job.pipeline.project.name or "default",
        pipeline=info.job.pipeline.name,
        id=info.job.id,
        state=pps_proto.JobState.Name(info.state).removeprefix("JOB_").removeprefix("STATE_").lower(),
        reason=info.reason,
        total=info.data_total,
        processed=info.data_processed,
        skipped=info.data_skipped,
        failed=info.data_failed,
        recovered=info.data_recovered,
        version=info.pipeline_version,
    )
