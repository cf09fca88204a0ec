"""``pps_v2.API``: pipelines, jobs, datums and logs."""

from harness.pachd.services import pps_changes
from harness.pachd.services.joining import rpc
from harness.pachd.services.pps_logs import LogCalls


class PPS(LogCalls):
    """The RPCs of pipelines by name; what is not there is not implemented."""

    CreatePipeline = rpc(pps_changes.create_pipeline)
    StopJob = rpc(pps_changes.stop_job)
    UpdateJobState = rpc(pps_changes.update_job_state)
