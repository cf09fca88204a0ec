"""From a ``CreatePipelineRequest`` to the ``PipelineInfo`` that is stored: copied fields, defaults, rules."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from python_pachyderm.proto.v2.pps import pps_pb2

from harness.pachd.errors import pps as errors
from harness.pachd.pps import input_rules, inputs, kinds, requests
from harness.pachd.pps.states import PipelineKind
from harness.pachd.workers.images import DEFAULT_IMAGE

if TYPE_CHECKING:
    from harness.pachd.pps.keys import Pipeline

DEFAULT_TRIES = 3


def pipeline_info(request: Any, pipeline: Pipeline, salt: str, now: int) -> Any:
    """The ``pps_v2.PipelineInfo`` of a checked request, with every default filled in.

    ``salt`` is the one to keep from the version before; when empty, the request's, else a random one is taken.
    ``now`` (nanoseconds since the epoch) is when cron inputs start unless told otherwise. Version, spec commit and
    creation time are the caller's to set. Raises what Pachyderm says of bad specs.
    """
    info = pps_pb2.PipelineInfo(type=kinds.of(request))
    info.pipeline.project.name, info.pipeline.name = pipeline.project, pipeline.name
    details = info.details
    _copy(request, details)
    details.salt = salt or details.salt or uuid.uuid4().hex
    details.transform.image = details.transform.image or DEFAULT_IMAGE
    details.output_branch = details.output_branch or inputs.DEFAULT_BRANCH
    details.datum_tries = details.datum_tries or DEFAULT_TRIES
    details.reprocess_spec = details.reprocess_spec or requests.UNTIL_SUCCESS
    info.parallelism = details.parallelism_spec.constant or 1
    if not pipeline.name[0].isalnum():
        raise errors.NAME_FIRST_CHARACTER()
    kinds.set_defaults(details)
    kinds.check_input(details)
    if info.type != PipelineKind.SPOUT or details.HasField("input"):
        inputs.sort(details.input)
        inputs.set_defaults(details.input, pipeline, now)
        input_rules.check(details.input, pipeline)
    kinds.check(details)
    if not details.output_branch.strip():
        raise errors.NO_OUTPUT_BRANCH()
    return info


def job_details(info: Any, job_id: str) -> Any:
    """The ``JobInfo.Details`` of a job that ran with this version; its inputs name the job's commit set."""
    details = pps_pb2.JobInfo.Details()
    _copy(info.details, details)
    for leaf in (*inputs.pfs_leaves(details.input), *inputs.cron_leaves(details.input)):
        leaf.commit = job_id
    return details


def _copy(source: Any, target: Any) -> None:
    """Copy the fields that both messages have; they carry the same names and types."""
    shared = {field.name for field in target.DESCRIPTOR.fields}
    for field, value in source.ListFields():
        if field.name not in shared:
            continue
        if field.label == field.LABEL_REPEATED:
            getattr(target, field.name).extend(value)
        elif field.message_type is not None:
            getattr(target, field.name).CopyFrom(value)
        else:
            setattr(target, field.name, value)
