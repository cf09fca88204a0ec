# ruff: noqa: N802 -- methods are named as their RPCs
"""Secrets of ``pps_v2.API``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import empty_pb2
from python_pachyderm.proto.v2.pps import pps_pb2

from harness.pachd.pps import secret_documents
from harness.pachd.services import pfs_wire

if TYPE_CHECKING:
    from harness.pachd.pps.secret_documents import Secret
    from harness.pachd.pps.system import PipelineSystem


class SecretCalls:
    """What pipelines may know. Values go in, and out to user code only."""

    system: PipelineSystem

    def CreateSecret(self, request: Any, _context: Any) -> Any:
        """Keep the secret of a Kubernetes document."""
        self.system.vault.create(secret_documents.read(request.file, self.system.store.now()))
        return empty_pb2.Empty()

    def InspectSecret(self, request: Any, _context: Any) -> Any:
        """Its type, and since when it is there."""
        return _info(self.system.vault.get(request.secret.name))

    def ListSecret(self, _request: Any, _context: Any) -> Any:
        """All of them by name."""
        return pps_pb2.SecretInfos(secret_info=map(_info, self.system.vault.listing()))

    def DeleteSecret(self, request: Any, _context: Any) -> Any:
        """Forget one; pipelines that run go on with it until they start anew."""
        self.system.vault.delete(request.secret.name)
        return empty_pb2.Empty()


def _info(secret: Secret) -> Any:
    return pps_pb2.SecretInfo(
        secret=pps_pb2.Secret(name=secret.name),
        type=secret.type,
        creation_timestamp=pfs_wire.time(secret.created),
    )
