"""What clients' messages name of pipelines and jobs."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from harness.pachd.errors import pps as errors
from harness.pachd.pfs.keys import DEFAULT_PROJECT
from harness.pachd.pps.counters import Counters
from harness.pachd.pps.keys import Job, Pipeline
from harness.pachd.pps.states import JobState

if TYPE_CHECKING:
    from collections.abc import Iterable


_FURTHEST = 2**63 - 1  # what the database keeps


def read_pipeline(message: Any) -> Pipeline:
    """The pipeline that a client names; project ``default`` where it leaves that out."""
    return Pipeline(message.project.name or DEFAULT_PROJECT, message.name)


def required_pipeline(request: Any) -> Pipeline:
    """The pipeline that ``request`` is about; raises NO_REQUEST_PIPELINE."""
    if not request.HasField("pipeline"):
        raise errors.NO_REQUEST_PIPELINE()
    return read_pipeline(request.pipeline)


def read_job(message: Any) -> Job:
    """The job that a client names."""
    return Job(read_pipeline(message.pipeline), message.id)


def matches(filters: Iterable[str], data: Iterable[tuple[str, bytes]]) -> bool:
    """Whether each of a client's data filters is one of the paths or hashes in ``data``: hexadecimal or in base64."""
    names = {name for path, hash_ in data for name in (path, hash_.hex(), base64.b64encode(hash_).decode())}
    return names.issuperset(filters)


def read_counters(message: Any) -> Counters:
    """What an UpdateJobStateRequest counts. Raises COUNTED_TOO_FAR for what cannot be kept, its restarts included."""
    stats = message.stats
    counters = Counters(
        total=message.data_total,
        processed=message.data_processed,
        skipped=message.data_skipped,
        failed=message.data_failed,
        recovered=message.data_recovered,
        download_time=stats.download_time.ToNanoseconds(),
        process_time=stats.process_time.ToNanoseconds(),
        upload_time=stats.upload_time.ToNanoseconds(),
        download_bytes=stats.download_bytes,
        upload_bytes=stats.upload_bytes,
    )
    furthest = max(message.restart, *map(abs, vars(counters).values()))
    if furthest > _FURTHEST:
        raise errors.COUNTED_TOO_FAR(number=furthest)
    return counters


def read_job_state(number: int) -> JobState:
    """The state of that number; raises UNKNOWN_JOB_STATE."""
    try:
        return JobState(number)
    except ValueError:
        raise errors.UNKNOWN_JOB_STATE(number=number) from None
