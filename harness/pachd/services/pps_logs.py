# ruff: noqa: N802 -- methods are named as their RPCs
"""Logs of ``pps_v2.API``."""

from __future__ import annotations

import time
from collections import deque
from contextlib import ExitStack
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from python_pachyderm.proto.v2.pps import pps_pb2

from harness.pachd.errors import pps as errors
from harness.pachd.pps import jobs, logs, versions
from harness.pachd.services import pps_requests
from harness.pachd.services import pps_wire as wire
from harness.pachd.services.pps_datums import DatumCalls
from harness.pachd.services.wire import ensure_active

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from harness.pachd.pps.keys import Job, Pipeline
    from harness.pachd.pps.log_reading import Line
    from harness.pachd.pps.system import PipelineSystem

_AT_ONCE = 1000
_DAY = 24 * 60 * 60 * 10**9


class LogCalls(DatumCalls):
    """What is said while jobs run; ``server_log`` gives what the server itself said lately."""

    def __init__(self, system: PipelineSystem, server_log: Callable[[], str]) -> None:
        super().__init__(system)
        self._server_log = server_log

    def GetLogs(self, request: Any, context: Any) -> Iterator[Any]:
        """The lines of a pipeline or a job that all filters let pass; with ``follow``, also those to come.

        Of neither: the last lines of the server's own log.
        """
        if not (request.HasField("pipeline") or request.HasField("job")):
            yield from self._own(request)
            return
        pipeline, job = self._subject(request)
        age = request.since.ToNanoseconds() or (0 if job is not None else _DAY)
        oldest = time.time_ns() - age if age else 0
        reader = self.system.tools.logs.reader(pipeline, job, oldest)
        with ExitStack() as held:
            listener = None
            if request.follow:
                listener = held.enter_context(self.store.events.listen(logs.topic(pipeline)))
                listener.end_with(context.add_callback)
            lines = (line for line in _attended(reader.more(), context) if line.time >= oldest)
            yield from _told(pipeline, _last(lines, request.tail) if request.tail > 0 else lines, request)
            while listener is not None:
                listener.wait(lambda: reader.behind() or None)
                yield from _told(pipeline, _attended(reader.more(), context), request)

    def _own(self, request: Any) -> Iterator[Any]:
        if request.data_filters or request.HasField("datum"):
            raise errors.LOGS_OF_WHAT()
        lines = self._server_log().splitlines()
        yield from (pps_pb2.LogMessage(message=line) for line in lines[-request.tail if request.tail > 0 else 0 :])

    def _subject(self, request: Any) -> tuple[Pipeline, Job | None]:
        """Whose log is meant."""
        asked = pps_requests.read_pipeline(request.pipeline) if request.HasField("pipeline") else None
        job = pps_requests.read_job(request.job) if request.HasField("job") else None
        if job is not None and not job.pipeline.name:
            raise errors.LOGS_JOB_WITHOUT_PIPELINE()
        if job is not None and asked is not None and job.pipeline != asked:
            raise errors.LOGS_WRONG_PIPELINE()
        pipeline = job.pipeline if job is not None else asked
        assert pipeline is not None  # noqa: S101 -- one of the two is there
        with self.store.snapshot() as conn:
            if job is not None and jobs.find(conn, job) is None:
                raise errors.LOGS_JOB_NOT_FOUND(id=job.id, job=job)
            if versions.current(conn, pipeline) is None:
                raise errors.LOGS_PIPELINE_NOT_FOUND(pipeline=pipeline)
        return pipeline, job


def _passes(line: Line, request: Any) -> bool:
    if line.master != request.master or (request.datum.id and line.datum != request.datum.id):
        return False
    filters = request.data_filters
    return not filters or pps_requests.matches(filters, ((path, bytes.fromhex(hash_)) for path, hash_ in line.data))


def _attended(lines: Iterator[Line], context: Any) -> Iterator[Line]:
    """``lines``, until nobody waits for them: few may pass the filters, and reading the others takes its time."""
    for number, line in enumerate(lines):
        if number % _AT_ONCE == 0:
            ensure_active(context)
        yield line


def _told(pipeline: Pipeline, lines: Iterable[Line], request: Any) -> Iterator[Any]:
    return (wire.log_message(pipeline, line) for line in lines if _passes(line, request))


def _last(lines: Iterator[Line], number: int) -> list[Line]:
    """The last ``number`` lines of each worker."""
    kept: dict[str, deque[tuple[int, Line]]] = {}
    for index, line in enumerate(lines):
        kept.setdefault(line.worker, deque(maxlen=number)).append((index, line))
    return [line for _, line in sorted(chain(*kept.values()), key=itemgetter(0))]
