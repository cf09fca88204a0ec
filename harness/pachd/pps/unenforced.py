"""What a spec may ask of Kubernetes, which is not below this cluster: kept and shown, and told to be no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_FIELDS = (
    "resource_requests",
    "sidecar_resource_requests",
    "sidecar_resource_limits",
    "scheduling_spec",
    "tolerations",
    "pod_spec",
    "pod_patch",
    "determined",
)
_OF_LIMITS = ("cpu", "gpu", "disk")  # memory is watched over
_OF_TRANSFORM = ("memory_volume", "image_pull_secrets")


def note(details: Any) -> str:
    """The fields of a pipeline's ``details`` that nothing here acts on, in words; empty where there are none."""
    found = [
        *_given(details, _FIELDS),
        *(f"resource_limits.{name}" for name in _given(details.resource_limits, _OF_LIMITS)),
        *(f"transform.{name}" for name in _given(details.transform, _OF_TRANSFORM)),
    ]
    return f"kept and shown, but not enforced by the embedded cluster: {', '.join(found)}" if found else ""


def _given(message: Any, names: Iterable[str]) -> Iterator[str]:
    given = {field.name for field, _ in message.ListFields()}
    return (name for name in names if name in given)
