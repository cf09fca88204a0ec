"""``pps_v2.API``: pipelines, jobs, datums and logs."""

from harness.pachd.services.pps_logs import LogCalls


class PPS(LogCalls):
    """The RPCs of pipelines by name; what is not there is not implemented."""
