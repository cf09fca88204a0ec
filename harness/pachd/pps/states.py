"""The states that jobs, pipelines and datums can be in; numbers are those of Pachyderm's protocol."""

from __future__ import annotations

from enum import IntEnum


class JobState(IntEnum):
    """See Pachyderm's ``pps_v2.JobState``."""

    UNKNOWN = 0
    CREATED = 1
    STARTING = 2
    RUNNING = 3
    FAILURE = 4
    SUCCESS = 5
    KILLED = 6
    EGRESSING = 7
    FINISHING = 8
    UNRUNNABLE = 9

    @property
    def terminal(self) -> bool:
        """Whether the job will not change any more."""
        return self in TERMINAL


TERMINAL = frozenset({JobState.FAILURE, JobState.SUCCESS, JobState.KILLED, JobState.UNRUNNABLE})


class PipelineState(IntEnum):
    """See Pachyderm's ``pps_v2.PipelineState``."""

    STARTING = 1
    RUNNING = 2
    RESTARTING = 3
    FAILURE = 4
    PAUSED = 5
    STANDBY = 6
    CRASHING = 7


class PipelineKind(IntEnum):
    """See Pachyderm's ``pps_v2.PipelineInfo.PipelineType``. Only transforms have datums worth a meta repo."""

    TRANSFORM = 1
    SPOUT = 2
    SERVICE = 3


class DatumState(IntEnum):
    """See Pachyderm's ``pps_v2.DatumState``."""

    UNKNOWN = 0
    FAILED = 1
    SUCCESS = 2
    SKIPPED = 3
    STARTING = 4
    RECOVERED = 5
