"""Judging a ``pps_v2.CreatePipelineRequest``: what it must say, and what this cluster cannot do."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format

from harness.pachd.errors import pps as errors

if TYPE_CHECKING:
    from harness.pachd.pps.keys import Pipeline

UNTIL_SUCCESS, EVERY_JOB = "until_success", "every_job"

_LONGEST_NAME = 51
_LONGEST_KUBERNETES_NAME = 63
_MOST_ASKED_FOR = 2**31 - 1  # workers; what Kubernetes can count
_LONGEST_TIMEOUT = 2**63 // 10**9 - 10  # seconds; in nanoseconds, these fit into 64 bits
_NAME = re.compile(r"[A-Za-z0-9_-]+")


def check(request: Any, pipeline: Pipeline) -> None:
    """Raise for the first thing that Pachyderm would refuse, then for the first that this cluster cannot do."""
    _check_name(pipeline)
    spout = request.HasField("spout")
    if request.s3_out and (spout or request.HasField("service")):
        raise errors.S3_OUT_WITHOUT_JOBS()
    if not request.HasField("transform"):
        raise errors.NO_TRANSFORM()
    if request.autoscaling and spout:
        raise errors.AUTOSCALED_SPOUT()
    if request.HasField("tf_job"):
        raise errors.TF_JOB()
    if request.reprocess_spec not in {"", UNTIL_SUCCESS, EVERY_JOB}:
        raise errors.REPROCESS_SPEC()
    _check_tolerations(request)
    for what, text in (("PodSpec", request.pod_spec), ("PodPatch", request.pod_patch)):
        _check_json(what, text)
    _check_numbers(request)
    feature = _missing_feature(request)
    if feature:
        raise errors.UNSUPPORTED(pipeline=pipeline, feature=feature)


def _check_name(pipeline: Pipeline) -> None:
    name = pipeline.name
    if not name:
        raise errors.NAME_EMPTY()
    if not _NAME.fullmatch(name):
        raise errors.NAME_CHARACTERS(name=name)
    if len(name) > _LONGEST_NAME:
        raise errors.NAME_TOO_LONG(name=name, excess=len(name) - _LONGEST_NAME, limit=_LONGEST_NAME)
    kubernetes = f"{pipeline.project}-{name}-v99".lower().replace("_", "-")
    if len(kubernetes) > _LONGEST_KUBERNETES_NAME:
        excess = len(kubernetes) - _LONGEST_KUBERNETES_NAME
        raise errors.KUBERNETES_NAME_TOO_LONG(name=kubernetes, excess=excess, limit=_LONGEST_KUBERNETES_NAME)


def _check_tolerations(request: Any) -> None:
    total = len(request.tolerations)
    for number, toleration in enumerate(request.tolerations, start=1):
        if not toleration.operator:
            raise errors.TOLERATION_OPERATOR(number=number, total=total)


def _check_numbers(request: Any) -> None:
    if request.parallelism_spec.constant > _MOST_ASKED_FOR:
        raise errors.TOO_MANY_WORKERS(limit=_MOST_ASKED_FOR)
    for what in ("datum_timeout", "job_timeout"):
        if abs(getattr(request, what).seconds) > _LONGEST_TIMEOUT:
            raise errors.TIMEOUT_TOO_LONG(what=what)
    try:  # or no list with a jq filter could show this pipeline
        json_format.MessageToJson(request)
    except (json_format.Error, RecursionError) as error:
        raise errors.MALFORMED_SPEC(reason=error) from error


def _check_json(what: str, text: str) -> None:
    if not text:
        return
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        raise errors.BAD_JSON(what=what) from error


def _missing_feature(request: Any) -> str:
    """What the request asks for and this cluster cannot do, in the spec's own words; empty when all is well."""
    asked = {
        "egress.sql_database": request.egress.HasField("sql_database"),
        "s3_out": request.s3_out,
    }
    return next((feature for feature, wanted in asked.items() if wanted), "")
