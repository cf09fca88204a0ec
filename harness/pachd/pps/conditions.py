"""What state a pipeline is in: told by those who run it, kept where clients read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.pps import job_changes, jobs, versions
from harness.pachd.pps.states import PipelineState

if TYPE_CHECKING:
    from harness.pachd.pfs.version_store import VersionStore
    from harness.pachd.pps.versions import Version


def report(store: VersionStore, version: Version, state: PipelineState, reason: str = "") -> None:
    """Keep the state of a version that is still the current one and wanted to run."""
    with store.transaction() as txn:
        now = versions.current(txn.conn, version.pipeline)
        if now is None or now.number != version.number or now.stopped:
            return
        if (now.state, now.reason) != (state, reason):
            versions.set_state(txn, now, state, reason)


def pause(store: VersionStore, version: Version) -> None:
    """Say that a stopped pipeline has come to rest."""
    if version.state in {PipelineState.PAUSED, PipelineState.FAILURE}:
        return
    with store.transaction() as txn:
        now = versions.current(txn.conn, version.pipeline)
        if now is not None and now.stopped:
            versions.set_state(txn, now, PipelineState.PAUSED)


def rest_or_run(store: VersionStore, version: Version, *, working: bool) -> None:
    """Move an autoscaling pipeline to STANDBY when it has no job, and back."""
    if not version.info.details.autoscaling:
        return
    if version.state is PipelineState.RUNNING and not working:
        report(store, version, PipelineState.STANDBY)
    elif version.state is PipelineState.STANDBY and working:
        report(store, version, PipelineState.RUNNING)


def kill_jobs(store: VersionStore, version: Version) -> None:
    """End the jobs of a pipeline in FAILURE, which nobody will ever run."""
    with store.transaction() as txn:
        for row in jobs.unfinished_of(txn.conn, version.pipeline):
            job_changes.kill(txn, row, "job stopped")
