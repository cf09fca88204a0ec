# ruff: noqa: N802 -- methods are named as their RPCs
"""Datums of ``pps_v2.API``."""

from __future__ import annotations

from collections import deque
from functools import partial
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any

from google.protobuf import empty_pb2

from harness.pachd.errors import pps as errors
from harness.pachd.pfs.keys import Branch
from harness.pachd.pps import datum_lists, jobs
from harness.pachd.pps.input_datums import InputDatums
from harness.pachd.pps.states import DatumState
from harness.pachd.services import pfs_wire, pps_requests
from harness.pachd.services import pps_wire as wire
from harness.pachd.services.datum_infos import DatumInfos
from harness.pachd.services.pps_jobs import JobCalls
from harness.pachd.services.wire import ensure_active

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.pachd.pps.datums import Datum


class DatumCalls(JobCalls):
    """What jobs are made of."""

    def ListDatum(self, request: Any, context: Any) -> Iterator[Any]:
        """The datums of a job, or those an input would have, by id; with ``reverse`` the last ones, from behind."""
        if request.HasField("input") and request.HasField("job"):
            raise errors.JOB_AND_INPUT()
        if request.number < 0:
            raise errors.NEGATIVE_NUMBER()
        if request.reverse and not request.number:
            raise errors.REVERSE_WITHOUT_NUMBER()
        if request.HasField("input"):
            yield from self._of_input(request, context)
        elif request.HasField("job"):
            yield from self._of_job(request)
        else:
            raise errors.NO_JOB()

    def _of_input(self, request: Any, context: Any) -> Iterator[Any]:
        states = set(request.filter.state)
        if states and DatumState.UNKNOWN not in states:
            return
        found = InputDatums(self.store, request.input, context.add_callback)
        files = self.store.files.checked(partial(ensure_active, context))
        page = found.page(files, request.paginationMarker, request.number, reverse=request.reverse)
        yield from map(DatumInfos(found.head).encode, page)

    def _of_job(self, request: Any) -> Iterator[Any]:
        job, states, marker = pps_requests.read_job(request.job), set(request.filter.state), request.paginationMarker
        records = datum_lists.listing(self.store, self.system.tools.sets, job, "" if request.reverse else marker)
        if request.reverse:
            records = takewhile(lambda record: not marker or record.datum < marker, records)
        infos = (wire.datum_info(job, record) for record in records)
        wanted = (info for info in infos if not states or info.state in states)
        if request.reverse:
            yield from reversed(deque(wanted, maxlen=request.number))
        else:
            yield from islice(wanted, request.number or None)

    def RestartDatum(self, request: Any, _context: Any) -> Any:
        """Have datums of a job that are being executed tried again; each filter is a path or hash of an input."""
        if not request.HasField("job"):
            raise errors.NO_JOB()
        job, filters = pps_requests.read_job(request.job), request.data_filters
        with self.store.snapshot() as conn:
            over = jobs.get(conn, job).state.terminal  # also where something of it still runs

        def meant(datum: Datum) -> bool:
            return pps_requests.matches(filters, ((part.path, part.hash) for part in datum.inputs))

        if over or not self.system.restart(job, meant):
            raise errors.DATUM_NOT_RUNNING(filters=" ".join(filters), job=job.id)
        return empty_pb2.Empty()

    def InspectDatum(self, request: Any, _context: Any) -> Any:
        """One datum, with the place of its files in the meta commit."""
        if not request.HasField("datum"):
            raise errors.NO_DATUM()
        if not request.datum.HasField("job"):
            raise errors.NO_JOB()
        job = pps_requests.read_job(request.datum.job)
        with self.store.snapshot() as conn:
            record = datum_lists.get(conn, self.system.tools.sets, job, request.datum.id)
            row = jobs.get(conn, job)
        info = wire.datum_info(job, record)
        info.pfs_state.commit.CopyFrom(pfs_wire.commit(job.meta, Branch(job.pipeline.meta, row.branch)))
        info.pfs_state.path = f"/pfs/{record.datum}"
        return info
