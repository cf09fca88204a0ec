"""Asking a cluster for its pipelines, jobs and datums."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format
from python_pachyderm.proto.v2.pps import pps_pb2

from harness.evidence import moments, refs
from harness.evidence.facts import Datum, DatumInput, Job, PipelineVersion, Stats
from harness.evidence.model import Omission
from harness.evidence.versions import commit_name

if TYPE_CHECKING:
    from collections.abc import Sequence

# What PipelineInfo.Details tells about the present moment, beside the specification.
_RUNTIME = frozenset(
    ["created_at", "recent_error", "workers_requested", "workers_available", "reason", "unclaimed_tasks", "worker_rc"]
)


def pipelines(client: Any) -> tuple[PipelineVersion, ...]:
    """Every version of every pipeline, by name and version. Image digests are not known yet (:func:`with_digests`)."""
    found = [_pipeline(info) for info in client.list_pipeline(history=-1, details=True)]
    return tuple(sorted(found, key=lambda version: (version.project, version.name, version.version)))


def _pipeline(info: Any) -> PipelineVersion:
    spec = json_format.MessageToDict(info.details, preserving_proto_field_name=True)
    return PipelineVersion(
        info.pipeline.project.name or refs.DEFAULT_PROJECT,
        info.pipeline.name,
        info.version,
        commit_name(info.spec_commit),
        info.details.transform.image,
        "",
        pps_pb2.PipelineState.Name(info.state).removeprefix("PIPELINE_"),
        info.reason,
        {name: value for name, value in sorted(spec.items()) if name not in _RUNTIME},
    )


def with_digests(versions: Sequence[PipelineVersion], jobs: Sequence[Job]) -> tuple[PipelineVersion, ...]:
    """The versions with the image digests that the datums they processed name; several are joined by ``, ``."""
    digests: dict[tuple[str, int], set[str]] = {}
    for job in jobs:
        ran = {datum.image_id for datum in job.datums if datum.processed_by == job.id and datum.image_id}
        digests.setdefault((job.pipeline, job.version), set()).update(ran)
    return tuple(
        replace(version, image_digest=", ".join(sorted(digests.get((version.ref, version.version), ()))))
        for version in versions
    )


class Jobs:
    """The jobs of all versions of given pipelines, each with its datums."""

    def __init__(self, client: Any, datum_cap: int) -> None:
        self._client = client
        self._datum_cap = datum_cap
        self.omissions: list[Omission] = []

    def collect(self, versions: Sequence[PipelineVersion]) -> tuple[Job, ...]:
        """All jobs, oldest first."""
        names = sorted({(version.project, version.name) for version in versions})
        found = [
            self._job(project, info)
            for project, name in names
            for info in self._client.list_job(name, history=-1, project_name=project)
        ]
        return tuple(sorted(found, key=lambda job: (job.created or "", job.started or "", job.pipeline)))

    def _job(self, project: str, info: Any) -> Job:
        name, job_id = info.job.pipeline.name, info.job.id
        count, datums = self._datums(project, name, job_id)
        return Job(
            refs.repo(name, project=project),
            job_id,
            info.pipeline_version,
            pps_pb2.JobState.Name(info.state).removeprefix("JOB_"),
            info.reason,
            moments.from_message(info, "created"),
            moments.from_message(info, "started"),
            moments.from_message(info, "finished"),
            info.restart,
            info.data_total,
            info.data_processed,
            info.data_skipped,
            info.data_failed,
            info.data_recovered,
            commit_name(info.output_commit),
            _stats(info.stats),
            count,
            datums,
        )

    def _datums(self, project: str, pipeline: str, job_id: str) -> tuple[int, tuple[Datum, ...]]:
        kept: list[Datum] = []
        count = 0
        for count, info in enumerate(self._client.list_datum(pipeline, job_id, project_name=project), start=1):
            if count <= self._datum_cap:
                kept.append(_datum(info))
        if count > len(kept):
            where = f"job {refs.repo(pipeline, project=project)}@{job_id}"
            reason = f"datums beyond the first {self._datum_cap} are counted only"
            self.omissions.append(Omission(where, count - len(kept), reason))
        return count, tuple(kept)


def _datum(info: Any) -> Datum:
    inputs = tuple(
        DatumInput(commit_name(data.file.commit), data.file.path, bytes(data.hash).hex(), data.size_bytes)
        for data in info.data
    )
    state = pps_pb2.DatumState.Name(info.state)
    return Datum(info.datum.id, state, info.datum.job.id, info.image_id, inputs, _stats(info.stats))


def _stats(stats: Any) -> Stats:
    return Stats(
        _duration(stats.download_time),
        _duration(stats.process_time),
        _duration(stats.upload_time),
        stats.download_bytes,
        stats.upload_bytes,
    )


def _duration(message: Any) -> float:
    return float(message.seconds + message.nanos / 1e9)
