# ruff: noqa: N802 -- methods are named as their RPCs
"""Pipelines of ``pps_v2.API``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import empty_pb2
from python_pachyderm.proto.v2.pps import pps_pb2

from harness.pachd.errors import pps as errors
from harness.pachd.pfs import commitsets
from harness.pachd.pps import ancestry, parallelism, pipelines, versions
from harness.pachd.pps.states import PipelineKind, PipelineState
from harness.pachd.services import pps_requests, templates
from harness.pachd.services import pps_wire as wire
from harness.pachd.services.evaluation import Evaluators
from harness.pachd.services.message_filters import message_filter

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from harness.pachd.pps.keys import Pipeline
    from harness.pachd.pps.system import PipelineSystem
    from harness.pachd.pps.versions import Version


class PipelineCalls:
    """What is to be run."""

    def __init__(self, system: PipelineSystem) -> None:
        self.system = system
        self.store = system.store
        self.evaluators = Evaluators()

    def InspectPipeline(self, request: Any, _context: Any) -> Any:
        """One pipeline; ``name^`` is the version before."""
        asked = pps_requests.required_pipeline(request)
        with self.store.snapshot() as conn:
            version = ancestry.resolve(conn, asked)
            info = wire.pipeline_info(conn, version)
        if request.details:
            info.details.workers_requested = info.parallelism
            # They start when there is work, within milliseconds; what can keep them from it shows in the state.
            running = version.state is PipelineState.RUNNING
            info.details.workers_available = parallelism.workers(info) if running else 0
            if version.kind is PipelineKind.SERVICE:
                # Workers share the server's network; the code answers on its ``internal_port``.
                info.details.service.ip = self.system.tools.access.host
        else:
            info.ClearField("details")
        return info

    def ListPipeline(self, request: Any, context: Any) -> Iterator[Any]:
        """Pipelines, most recently created or updated first, with ``history`` earlier versions of each (-1: all)."""
        with message_filter(self.evaluators, request.jqFilter, context) as keep:
            with self.store.snapshot() as conn:
                infos = [wire.pipeline_info(conn, version) for version in _listed(conn, request)]
            yield from keep(infos)

    def RenderTemplate(self, request: Any, context: Any) -> Any:
        """What a template in jsonnet gives for its arguments."""
        return templates.render(self.evaluators, request, context)

    def StartPipeline(self, request: Any, _context: Any) -> Any:
        """Let a stopped pipeline run; one job makes up for what it missed."""
        pipeline = pps_requests.required_pipeline(request)
        with self.store.transaction() as txn:
            pipelines.start(txn, pipeline)
        return empty_pb2.Empty()

    def StopPipeline(self, request: Any, _context: Any) -> Any:
        """Stop a pipeline and kill its jobs; a missing one is success."""
        pipeline = pps_requests.required_pipeline(request)
        with self.store.transaction() as txn:
            pipelines.stop(txn, pipeline)
        return empty_pb2.Empty()

    def DeletePipeline(self, request: Any, _context: Any) -> Any:
        """Delete a pipeline with its jobs and repos; a missing one is success."""
        doomed = self._selected(request) if request.all else [pps_requests.required_pipeline(request)]
        self.system.delete(doomed, force=request.force, keep_repo=request.keep_repo)
        return empty_pb2.Empty()

    def DeletePipelines(self, request: Any, _context: Any) -> Any:
        """Delete the pipelines of some projects, or all, together; the reply names them."""
        doomed = self._selected(request)
        self.system.delete(doomed, force=request.force, keep_repo=request.keep_repo)
        return pps_pb2.DeletePipelinesResponse(pipelines=map(wire.pipeline, doomed))

    def DeleteAll(self, _request: Any, _context: Any) -> Any:
        """Delete every pipeline of every project, and all secrets."""
        with self.store.snapshot() as conn:
            doomed = [version.pipeline for version in versions.listing(conn)]
        self.system.delete(doomed, force=True)
        self.system.vault.clear()
        return empty_pb2.Empty()

    def _selected(self, request: Any) -> list[Pipeline]:
        projects = {project.name for project in getattr(request, "projects", ())}
        with self.store.snapshot() as conn:
            found = [version.pipeline for version in versions.listing(conn)]
        return [pipeline for pipeline in found if request.all or pipeline.project in projects]


def _listed(conn: sqlite3.Connection, request: Any) -> list[Version]:
    if request.HasField("pipeline"):
        asked = pps_requests.read_pipeline(request.pipeline)
        found = versions.history(conn, asked, -1 if request.history < 0 else request.history + 1)
        if not found:
            raise errors.PIPELINE_NOT_FOUND(pipeline=asked).within("could not list pipeline info")
    elif request.commit_set.id:
        in_force = {row.key.repo: row.key.id for row in commitsets.members(conn, request.commit_set.id)}
        found = [row for row in versions.listing(conn, -1) if in_force.get(row.pipeline.spec) == row.spec]
    else:
        found = versions.listing(conn, request.history)
    projects = {project.name for project in request.projects}
    return [version for version in found if not projects or version.pipeline.project in projects]
