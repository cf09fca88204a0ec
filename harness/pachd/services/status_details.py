"""What clients can read of an error besides its code and text: ``google.rpc.Status`` in the trailing metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2

if TYPE_CHECKING:
    from harness.pachd.errors import PachError


def trailing_metadata(error: PachError) -> tuple[tuple[str, bytes], ...]:
    """The metadata in which gRPC's status libraries, of every language, look for details; none where there are none."""
    if error.resource is None:
        return ()
    kind, name, description = error.resource
    detail = any_pb2.Any()
    detail.Pack(error_details_pb2.ResourceInfo(resource_type=kind, resource_name=name, description=description))
    status = status_pb2.Status(code=error.code.value, message=error.message, details=[detail])
    return (("grpc-status-details-bin", status.SerializeToString()),)
