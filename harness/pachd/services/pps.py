# ruff: noqa: N802 -- methods are named as their RPCs
"""``pps_v2.API``: pipelines, jobs, datums and logs."""

from __future__ import annotations

from typing import Any

from harness.pachd.errors import pps as errors
from harness.pachd.errors import server as server_errors
from harness.pachd.pps import egress
from harness.pachd.services import pps_changes, pps_requests
from harness.pachd.services.joining import rpc
from harness.pachd.services.pps_crons import CronCalls
from harness.pachd.services.pps_logs import LogCalls
from harness.pachd.services.pps_secrets import SecretCalls
from harness.pachd.services.wire import always, nothing


class PPS(LogCalls, SecretCalls, CronCalls):
    """The RPCs of pipelines by name; what is not there is not implemented."""

    ActivateAuth = always(server_errors.AUTH_NOT_ACTIVATED)
    ListTask = nothing  # datums go from a job straight to its workers; there is no queue of tasks
    RunLoadTest = RunLoadTestDefault = always(server_errors.NO_LOAD_TESTS)
    GetKubeEvents = nothing  # there is no Kubernetes whose events could be told
    QueryLoki = always(errors.NO_LOKI)
    RunPipeline = always(errors.RUN_PIPELINE)
    _create_pipeline = rpc(pps_changes.create_pipeline)
    StopJob = rpc(pps_changes.stop_job)
    UpdateJobState = rpc(pps_changes.update_job_state)

    def CreatePipeline(self, request: Any, context: Any) -> Any:
        """Make a pipeline; secrets and egress are looked at at once, also where the rest waits in a transaction."""
        pps_requests.required_pipeline(request)
        self.system.vault.check(request.transform)
        if request.HasField("egress") and not request.egress.HasField("sql_database"):
            self.system.tools.destinations.check(egress.target(request.egress))
        return self._create_pipeline(request, context)
