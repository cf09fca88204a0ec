"""The changes of pipelines and jobs that can join a client's transaction; see :mod:`pfs_changes` for their form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import empty_pb2

from harness.pachd.errors import pps as errors
from harness.pachd.pps import job_changes, jobs, pipelines
from harness.pachd.services import pfs_requests, pps_requests

if TYPE_CHECKING:
    from harness.pachd.pfs.txn import Txn


def create_pipeline(txn: Txn, request: Any) -> Any:
    """Make a pipeline, or with ``update`` a new version of it; a job follows at the transaction's end."""
    pipeline = pps_requests.required_pipeline(request)
    restored = pfs_requests.read_commit(request.spec_commit) if request.HasField("spec_commit") else None
    pipelines.create(txn, pipeline, request, restored)
    return empty_pb2.Empty()


def stop_job(txn: Txn, request: Any) -> Any:
    """Kill a job; one that has ended is left alone."""
    if not request.HasField("job"):
        raise errors.NO_JOB_TO_STOP()
    job_changes.kill(txn, jobs.get(txn.conn, pps_requests.read_job(request.job)), request.reason or "job stopped")
    return empty_pb2.Empty()


def update_job_state(txn: Txn, request: Any) -> Any:
    """Say how far a job is, as Pachyderm's workers do; a bad end finishes its commits as they are."""
    if not request.HasField("job"):
        raise errors.NO_JOB()
    row = jobs.get(txn.conn, pps_requests.read_job(request.job))
    state, counters = pps_requests.read_job_state(request.state), pps_requests.read_counters(request)
    job_changes.report(txn, row, state, request.reason, request.restart, counters)
    return empty_pb2.Empty()
