"""The small services that say what this cluster is: version, admin, health."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

from grpc_health.v1 import health_pb2
from python_pachyderm.proto.v2.admin import admin_pb2
from python_pachyderm.proto.v2.version.versionpb import version_pb2

from harness.pachd.errors import server as errors

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from harness.pachd.store.events import Events

SPOKEN = (2, 7, 0)  # the Pachyderm version whose API and behaviour this server has


class Version:
    """``versionpb_v2.API``. ``go_version`` says honestly what answers; no client reads it."""

    def GetVersion(self, _request: Any, _context: Any) -> Any:  # noqa: N802 -- named as the RPC
        """Pachyderm 2.7.0, so that no client warns of a mismatch."""
        major, minor, micro = SPOKEN
        return version_pb2.Version(
            major=major,
            minor=minor,
            micro=micro,
            go_version="none: embedded cluster of pachyderm-harness",
            platform=f"{platform.system().lower()}/{platform.machine()}",
        )


class Admin:
    """``admin_v2.API``. ``cluster_id`` must be the same after a restart: clients' configuration files compare it.

    ``check_project`` raises if the project that a client's context names does not exist.
    """

    def __init__(self, cluster_id: str, check_project: Callable[[str], None]) -> None:
        self._cluster_id = cluster_id
        self._check_project = check_project

    def InspectCluster(self, request: Any, _context: Any) -> Any:  # noqa: N802 -- named as the RPC
        """Who this cluster is, with a warning where the client's version does not fit."""
        if request.current_project.name:
            self._check_project(request.current_project.name)
        return admin_pb2.ClusterInfo(
            id=self._cluster_id,
            deployment_id=self._cluster_id,
            version_warnings_ok=True,
            version_warnings=_warnings(request),
        )


def _warnings(request: Any) -> list[str]:
    server = ".".join(str(part) for part in SPOKEN)
    if not request.HasField("client_version"):
        return [f"the client did not send its version; this server speaks Pachyderm {server}"]
    client = (request.client_version.major, request.client_version.minor)
    if client == SPOKEN[:2]:
        return []
    word = "old" if client < SPOKEN[:2] else "new"
    return [f"the client's version {client[0]}.{client[1]} is too {word} for this server, which speaks {server}"]


class Health:
    """``grpc.health.v1.Health``: serving from the first call that can be answered, until the server shuts down.

    ``services`` are the names that can be asked for; the empty one means the whole server. The servicer of
    grpcio-health-checking is not used: it keeps each name that anybody ever watched.
    """

    def __init__(self, events: Events, services: Collection[str]) -> None:
        self._events = events
        self._services = frozenset(services) | {""}

    def Check(self, request: Any, _context: Any) -> Any:  # noqa: N802 -- named as the RPC
        """SERVING: the port opens only when everything else is ready. Raises UNKNOWN_SERVICE."""
        if request.service not in self._services:
            raise errors.UNKNOWN_SERVICE(service=request.service)
        return _status("SERVING")

    def Watch(self, request: Any, context: Any) -> Iterator[Any]:  # noqa: N802 -- named as the RPC
        """The status now, and NOT_SERVING when the server shuts down. An unknown service is SERVICE_UNKNOWN so long."""
        known = request.service in self._services
        with self._events.listen("health") as listener:
            listener.end_with(context.add_callback)
            yield _status("SERVING" if known else "SERVICE_UNKNOWN")
            listener.until(lambda: None)
        if known:
            yield _status("NOT_SERVING")
        raise errors.SHUTTING_DOWN()  # or the client has gone, and hears nothing


def _status(name: str) -> Any:
    return health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.ServingStatus.Value(name))
