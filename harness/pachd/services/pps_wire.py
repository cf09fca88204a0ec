"""Pipelines, jobs and datums as Pachyderm's messages; :mod:`.pps_requests` is the way back."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from google.protobuf import duration_pb2
from python_pachyderm.proto.v2.pfs import pfs_pb2
from python_pachyderm.proto.v2.pps import pps_pb2

from harness.pachd.pfs.keys import Branch, Commit, Repo
from harness.pachd.pps import details, jobs, versions
from harness.pachd.pps.keys import Job
from harness.pachd.pps.states import DatumState
from harness.pachd.services import pfs_wire

if TYPE_CHECKING:
    import sqlite3

    from harness.pachd.pps.counters import Counters
    from harness.pachd.pps.jobs import JobRow
    from harness.pachd.pps.keys import Pipeline
    from harness.pachd.pps.log_reading import Line
    from harness.pachd.pps.results import Record
    from harness.pachd.pps.tickets import Busy
    from harness.pachd.pps.versions import Version


def pipeline(key: Pipeline) -> Any:
    """Pipeline."""
    return pps_pb2.Pipeline(project=pfs_pb2.Project(name=key.project), name=key.name)


def job(key: Job) -> Any:
    """Job."""
    return pps_pb2.Job(pipeline=pipeline(key.pipeline), id=key.id)


def pipeline_info(conn: sqlite3.Connection, version: Version) -> Any:
    """PipelineInfo with details, but for the numbers of workers."""
    info = pps_pb2.PipelineInfo()
    info.CopyFrom(version.info)
    spec = version.pipeline.spec_branch
    info.spec_commit.CopyFrom(
        pfs_pb2.Commit(repo=pfs_wire.repo(spec.repo), id=version.spec, branch=pfs_wire.branch(spec))
    )
    info.stopped = version.stopped
    info.state = version.state
    info.reason = info.details.reason = version.reason
    info.last_job_state = jobs.last_state(conn, version.pipeline)
    return info


def job_info(row: JobRow) -> Any:
    """JobInfo without details."""
    output = Branch(row.job.pipeline.output, row.branch)
    counters = row.counters
    return pps_pb2.JobInfo(
        job=job(row.job),
        pipeline_version=row.version,
        output_commit=pfs_wire.commit(row.job.output, output),
        restart=row.restart,
        data_processed=counters.processed,
        data_skipped=counters.skipped,
        data_total=counters.total,
        data_failed=counters.failed,
        data_recovered=counters.recovered,
        stats=_stats(counters),
        state=row.state,
        reason=row.reason,
        created=pfs_wire.time(row.created),
        started=pfs_wire.time(row.started) if row.started is not None else None,
        finished=pfs_wire.time(row.finished) if row.finished is not None else None,
    )


def detailed_job_info(conn: sqlite3.Connection, row: JobRow) -> Any:
    """JobInfo with the details of the version that it ran with."""
    info = job_info(row)
    version = versions.numbered(conn, row.job.pipeline, row.version)
    info.details.CopyFrom(details.job_details(version.info, row.job.id))
    return info


def worker_status(busy: Busy) -> Any:
    """WorkerStatus."""
    status = pps_pb2.WorkerStatus(worker_id=busy.worker, job_id=busy.job.id)
    status.datum_status.started.CopyFrom(pfs_wire.time(busy.since))
    data = [pps_pb2.InputFile(path=part.path, hash=part.hash) for part in busy.datum.inputs]
    status.datum_status.data.extend(data)
    return status


def datum_info(asked: Job, record: Record) -> Any:
    """DatumInfo as seen from the job ``asked``, which may have skipped it; ``record`` is of the job that ran it."""
    meta = json.loads(record.meta)
    state = record.state if record.job_id == asked.id else DatumState.SKIPPED
    return pps_pb2.DatumInfo(
        datum=pps_pb2.Datum(job=job(Job(asked.pipeline, record.job_id)), id=record.datum),
        state=state,
        stats=_datum_stats(meta["stats"]),
        data=[_file_info(part["fileInfo"]) for part in meta["inputs"]],
        image_id=meta["imageId"],
    )


def log_message(of: Pipeline, line: Line) -> Any:
    """LogMessage."""
    return pps_pb2.LogMessage(
        project_name=of.project,
        pipeline_name=of.name,
        job_id=line.job_id,
        worker_id=line.worker,
        datum_id=line.datum,
        master=line.master,
        user=line.user,
        data=[pps_pb2.InputFile(path=path, hash=bytes.fromhex(hash_)) for path, hash_ in line.data],
        ts=pfs_wire.time(line.time),
        message=line.message,
    )


# Not json_format.ParseDict, which takes ten times as long.
def _datum_stats(told: dict[str, str]) -> Any:
    times = {}
    for field, name in (("download", "downloadTime"), ("process", "processTime"), ("upload", "uploadTime")):
        seconds, _, nanos = told[name].rstrip("s").partition(".")
        times[f"{field}_time"] = duration_pb2.Duration(seconds=int(seconds), nanos=int(nanos))
    download, upload = int(told["downloadBytes"]), int(told["uploadBytes"])
    return pps_pb2.ProcessStats(download_bytes=download, upload_bytes=upload, **times)


def _file_info(told: dict[str, Any]) -> Any:
    file = told["file"]
    of_repo = file["commit"]["repo"]
    key = Repo(of_repo["project"]["name"], of_repo["name"], of_repo["type"])
    made_on = Branch(key, file["commit"]["branch"]["name"])
    return pfs_pb2.FileInfo(
        file=pfs_pb2.File(commit=pfs_wire.commit(Commit(key, file["commit"]["id"]), made_on), path=file["path"]),
        file_type=pfs_pb2.FileType.Value(told["fileType"]),
        size_bytes=int(told["sizeBytes"]),
        hash=base64.b64decode(told["hash"]),
    )


def _stats(counters: Counters) -> Any:
    return pps_pb2.ProcessStats(
        download_time=_duration(counters.download_time),
        process_time=_duration(counters.process_time),
        upload_time=_duration(counters.upload_time),
        download_bytes=counters.download_bytes,
        upload_bytes=counters.upload_bytes,
    )


def _duration(nanoseconds: int) -> Any:
    return duration_pb2.Duration(seconds=nanoseconds // pfs_wire.NANOS, nanos=nanoseconds % pfs_wire.NANOS)
