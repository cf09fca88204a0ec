"""The kinds of pipelines besides transforms: services, whose code answers on a port, and spouts, which have no jobs."""

from __future__ import annotations

from typing import Any

from harness.pachd.errors import pps as errors
from harness.pachd.pps.states import PipelineKind

# On Kubernetes they say who can reach the port; here everybody on the machine can.
_SERVICE_TYPES = ("ClusterIP", "LoadBalancer", "NodePort")
_DEFAULT_TYPE = "NodePort"


def of(spec: Any) -> PipelineKind:
    """The kind of a pipeline, by the fields that its request or details have."""
    if spec.HasField("spout"):
        return PipelineKind.SPOUT
    return PipelineKind.SERVICE if spec.HasField("service") else PipelineKind.TRANSFORM


def set_defaults(details: Any) -> None:
    """Fill in what a service leaves out, a spout's included."""
    for owner in (details, details.spout) if details.HasField("spout") else (details,):
        if owner.HasField("service"):
            owner.service.type = owner.service.type or _DEFAULT_TYPE


def check_input(details: Any) -> None:
    """Raise for a spout with an input that could mean nothing."""
    if details.HasField("spout") and not details.spout.HasField("service") and details.HasField("input"):
        raise errors.SPOUT_WITH_INPUT()


def check(details: Any) -> None:
    """Raise for a service that cannot be."""
    if not details.HasField("service"):
        return
    if details.HasField("parallelism_spec") and details.parallelism_spec.constant != 1:
        raise errors.PARALLEL_SERVICE()
    if details.service.type not in _SERVICE_TYPES:
        raise errors.SERVICE_TYPE(type=details.service.type)
