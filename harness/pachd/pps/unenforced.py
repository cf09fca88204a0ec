"""What a spec may ask of Kubernetes, which is not below this cluster: kept and shown, and told to be no more."""

from __future__ import annotations

from typing import Any

_FIELDS = (
    "resource_requests",
    "resource_limits",
    "sidecar_resource_requests",
    "sidecar_resource_limits",
    "scheduling_spec",
    "tolerations",
    "pod_spec",
    "pod_patch",
    "determined",
)
_OF_TRANSFORM = ("memory_volume", "image_pull_secrets")


def note(details: Any) -> str:
    """The fields of a pipeline's ``details`` that nothing here acts on, in words; empty where there are none."""
    given = {field.name for field, _ in details.ListFields()}
    of_transform = {field.name for field, _ in details.transform.ListFields()}
    found = [name for name in _FIELDS if name in given]
    found += [f"transform.{name}" for name in _OF_TRANSFORM if name in of_transform]
    return f"kept and shown, but not enforced by the embedded cluster: {', '.join(found)}" if found else ""
