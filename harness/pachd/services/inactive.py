"""Services that answer as on a cluster where auth was never activated (Pachyderm 2.7), and those of old clients."""

from __future__ import annotations

from typing import Any

import grpc
from python_pachyderm.proto.v2.enterprise import enterprise_pb2
from python_pachyderm.proto.v2.license import license_pb2

from harness.pachd.errors import server as errors
from harness.pachd.services.wire import always

_OLD_PACKAGES = tuple(
    f"/{package}."
    for package in (
        *("pfs", "pps", "admin", "auth", "debug", "transaction", "versionpb", "enterprise"),
        *("identity", "license", "health"),
    )
)


class Inactive:
    """Every RPC answers ``the auth service is not activated``; clients look for exactly these words."""

    otherwise = always(errors.AUTH_NOT_ACTIVATED)


class Auth(Inactive):
    """``auth_v2.API``. Activating needs an enterprise licence, which nobody can give to this cluster."""

    Activate = always(errors.ENTERPRISE_NOT_ACTIVE)


class License(Inactive):
    """``license_v2.API``. ``DeleteAll`` succeeds, because ``client.delete_all()`` calls it."""

    def DeleteAll(self, _request: Any, _context: Any) -> Any:  # noqa: N802 -- named as the RPC
        """There is nothing to delete."""
        return license_pb2.DeleteAllResponse()


class Enterprise(Inactive):
    """``enterprise_v2.API``."""

    def GetState(self, _request: Any, _context: Any) -> Any:  # noqa: N802 -- named as the RPC
        """No licence: state NONE."""
        return enterprise_pb2.GetStateResponse(state=enterprise_pb2.State.NONE)


class OldClients(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpc carries no types
    """Tells clients of Pachyderm 1.x why nothing they call exists."""

    def service(self, call: Any) -> Any:
        """A refusal for the service names of 1.x, else nothing."""
        if not call.method.startswith(_OLD_PACKAGES):
            return None
        refusal = errors.OLD_CLIENT()
        return grpc.stream_stream_rpc_method_handler(
            lambda _requests, context: context.abort(grpc.StatusCode.UNKNOWN, refusal.message)
        )
