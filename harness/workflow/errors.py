"""What can go wrong in a scenario, in the cluster's words and ours; never a bare gRPC traceback."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.clusters import Cluster
    from harness.workflow.results import Job

# A connection breaks a moment before the process behind it has ended.
SECONDS_TO_DIE = 2.0


class WorkflowError(Exception):
    """Something that a scenario asked for did not happen; the message says what and why."""


class CallError(WorkflowError):
    """The cluster refused a call. ``code`` is gRPC's, by name, such as ``NOT_FOUND``."""

    def __init__(self, doing: str, code: str, details: str) -> None:
        self.code, self.details = code, details
        super().__init__(f"{doing}: {details} ({code})")


class JobFailedError(WorkflowError):
    """A job ended otherwise than in success. ``job`` is the first of its run that did, upstream before downstream."""

    def __init__(self, job: Job, reason: str, log: list[str]) -> None:
        self.job = job
        said = (
            "\n".join(["; its command said", *(f"  {line}" for line in log)]) if log else "; its command said nothing"
        )
        super().__init__(f"job {job.title} ended in {job.state}: {reason}{said}")


class PipelineCrashedError(WorkflowError):
    """A pipeline cannot run at all, such as for want of its image."""


class DeadlineError(WorkflowError):
    """Waiting took longer than allowed."""


@contextmanager
def explained(cluster: Cluster, doing: str) -> Iterator[None]:
    """Turn a refused call into :class:`CallError`, or into ``ClusterDiedError`` when nobody is left to answer."""
    import grpc

    try:
        yield
    except ConnectionError as error:  # python_pachyderm wraps what a file stream begins with
        if not isinstance(error.__cause__, grpc.RpcError):
            raise
        raise _explain(cluster, doing, error.__cause__) from None
    except grpc.RpcError as error:
        raise _explain(cluster, doing, error) from None


def _explain(cluster: Cluster, doing: str, error: BaseException) -> Exception:
    code: str = error.code().name  # type: ignore[attr-defined]
    details: str = error.details() or "no reason given"  # type: ignore[attr-defined]
    death = cluster.death(SECONDS_TO_DIE if code == "UNAVAILABLE" else 0.0)
    return death or CallError(doing, code, details)
