# ruff: noqa: N802 -- methods are named as their RPCs
"""Jobs of ``pps_v2.API``."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from google.protobuf import empty_pb2
from python_pachyderm.proto.v2.pps import pps_pb2

from harness.pachd.errors import PachError
from harness.pachd.errors import pps as errors
from harness.pachd.pfs.resolve import resolve
from harness.pachd.pps import job_lists, jobs, versions
from harness.pachd.pps.job_lists import Selection
from harness.pachd.pps.states import JobState
from harness.pachd.services import pfs_requests, pps_requests
from harness.pachd.services import pps_wire as wire
from harness.pachd.services.message_filters import message_filter
from harness.pachd.services.pps_pipelines import PipelineCalls

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.pachd.pps.jobs import JobRow
    from harness.pachd.pps.keys import Job


class JobCalls(PipelineCalls):
    """What runs, and has run."""

    def InspectJob(self, request: Any, context: Any) -> Any:
        """One job; with ``wait``, once it has ended."""
        if not request.HasField("job"):
            raise errors.NO_JOB()
        job = pps_requests.read_job(request.job)
        with self.store.snapshot() as conn:
            row = jobs.get(conn, job)
        if request.wait:
            row = self._ended(job, context)
        return self._info(row, details=request.details)

    def InspectJobSet(self, request: Any, context: Any) -> Iterator[Any]:
        """The jobs of a commit set, upstream first; with ``wait``, each once it has ended. An unknown set is empty."""
        with self.store.snapshot() as conn:
            rows = job_lists.of_set(conn, request.job_set.id)
        for row in rows:
            found = self._ended(row.job, context) if request.wait else row
            yield self._info(found, details=request.details)

    def ListJob(self, request: Any, context: Any) -> Iterator[Any]:
        """Jobs, newest first."""
        with message_filter(self.evaluators, request.jqFilter, context) as keep:
            rows = job_lists.select(self.store, self._selection(request))
            infos = self._infos(rows, details=request.details)
            yield from islice(keep(infos), request.number or None)

    def ListJobSet(self, request: Any, context: Any) -> Iterator[Any]:
        """Jobs by commit set, newest first; a set of which the filter lets no job pass is left out."""
        with message_filter(self.evaluators, request.jqFilter, context) as keep:
            sets = job_lists.sets(self.store, _selection(request))
            kept = (list(keep(self._infos(rows, details=request.details))) for rows in sets)
            for infos in islice(filter(None, kept), request.number or None):
                yield pps_pb2.JobSetInfo(job_set=pps_pb2.JobSet(id=infos[0].job.id), jobs=infos)

    def SubscribeJob(self, request: Any, context: Any) -> Iterator[Any]:
        """A pipeline's unfinished jobs, oldest first, then each new one; ends when the client leaves."""
        if not request.HasField("pipeline"):
            raise errors.NO_PIPELINE_TO_SUBSCRIBE()
        pipeline = pps_requests.read_pipeline(request.pipeline)
        with self.store.events.listen(jobs.TOPIC) as listener:
            listener.end_with(context.add_callback)
            with self.store.snapshot() as conn:
                rows, seen = jobs.unfinished_of(conn, pipeline), job_lists.newest(conn)

            def look() -> list[JobRow] | None:
                with self.store.snapshot() as conn:
                    return job_lists.since(conn, pipeline, seen) or None

            yield from (self._info(row, details=request.details) for row in rows)
            while True:
                found = listener.wait(look)
                seen = found[-1].serial
                yield from (self._info(row, details=request.details) for row in found)

    def DeleteJob(self, request: Any, _context: Any) -> Any:
        """Kill a job and forget it; its commits stay."""
        if not request.HasField("job"):
            raise errors.NO_JOB_TO_DELETE()
        self.system.delete_job(pps_requests.read_job(request.job))
        return empty_pb2.Empty()

    def _selection(self, request: Any) -> Selection:
        """The jobs that a ListJobRequest asks for."""
        references = [pfs_requests.read_commit(commit) for commit in request.input_commit]
        pipeline = pps_requests.read_pipeline(request.pipeline) if request.HasField("pipeline") else None
        chosen = _selection(request)
        with self.store.snapshot() as conn:
            if pipeline is not None:
                versions.get(conn, pipeline)
            read = frozenset(resolve(conn, each.repo, each.branch, each.id).key for each in references)
        return replace(chosen, pipeline=pipeline, earlier=request.history, read=read)

    def _infos(self, rows: Iterable[JobRow], *, details: bool) -> Iterator[Any]:
        """For lists: what is deleted while a client reads is left out."""
        return (info for info in (self._if_there(row, details=details) for row in rows) if info is not None)

    def _if_there(self, row: JobRow, *, details: bool) -> Any | None:
        try:
            return self._info(row, details=details)
        except PachError as error:
            if error.kind is errors.PIPELINE_NOT_FOUND:
                return None
            raise

    def _info(self, row: JobRow, *, details: bool) -> Any:
        if not details:
            return wire.job_info(row)
        with self.store.snapshot() as conn:
            info = wire.detailed_job_info(conn, row)
        if row.state is JobState.RUNNING:
            info.details.worker_status.extend(map(wire.worker_status, self.system.busy(row)))
        return info

    def _ended(self, job: Job, context: Any) -> JobRow:
        def look() -> JobRow | None:
            with self.store.snapshot() as conn:
                row = jobs.find(conn, job)
            if row is None:
                raise errors.JOB_DELETED(id=job.id)
            return row if row.state.terminal else None

        with self.store.events.listen(jobs.topic(job)) as listener:
            listener.end_with(context.add_callback)
            return listener.wait(look)


def _selection(request: Any) -> Selection:
    if request.number < 0:
        raise errors.NEGATIVE_NUMBER()
    marker = pfs_requests.read_time(request.paginationMarker) if request.HasField("paginationMarker") else None
    projects = frozenset(project.name for project in request.projects)
    return Selection(projects, marker=marker, reverse=request.reverse)
