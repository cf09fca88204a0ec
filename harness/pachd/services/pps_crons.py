# ruff: noqa: N802 -- methods are named as their RPCs
"""Crons of ``pps_v2.API``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import empty_pb2

from harness.pachd.pps import ancestry
from harness.pachd.services import pps_requests

if TYPE_CHECKING:
    from harness.pachd.pps.system import PipelineSystem


class CronCalls:
    """What ticks by itself, or when it is told to."""

    system: PipelineSystem

    def RunCron(self, request: Any, _context: Any) -> Any:
        """A tick of each cron input of a pipeline, now."""
        with self.system.store.snapshot() as conn:
            version = ancestry.resolve(conn, pps_requests.required_pipeline(request))
        self.system.crons.run(version)
        return empty_pb2.Empty()
