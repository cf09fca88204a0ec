"""``grpc.health.v1.Health`` as the standard words it: checked by anybody, watched without polling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from harness.pachd.errors.server import SHUTTING_DOWN

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pachd.server.conftest import Process

SECONDS = 20.0
Status = health_pb2.HealthCheckResponse


def named(service: str) -> Any:
    return health_pb2.HealthCheckRequest(service=service)


def health(server: Process) -> Any:
    """A stranger's connection: it has no token."""
    return health_pb2_grpc.HealthStub(grpc.insecure_channel(server.said["address"]))


@pytest.mark.parametrize("service", ["", "pfs_v2.API", "debug_v2.Debug", "auth_v2.API"])
def test_the_server_and_each_of_its_services_can_be_asked_for(start: Callable[..., Process], service: str) -> None:
    assert health(start()).Check(named(service), timeout=SECONDS).status == Status.SERVING


def test_a_service_that_is_not_here_is_not_found(start: Callable[..., Process]) -> None:
    with pytest.raises(grpc.RpcError, match="there is no service") as refusal:
        health(start()).Check(named("pfs.API"), timeout=SECONDS)
    assert refusal.value.code() == grpc.StatusCode.NOT_FOUND


def test_who_watches_learns_of_the_end(start: Callable[..., Process]) -> None:
    server = start()
    whole, unknown = (health(server).Watch(named(service), timeout=SECONDS) for service in ("", "proxy.API"))
    assert next(whole).status == Status.SERVING
    assert next(unknown).status == Status.SERVICE_UNKNOWN
    server.popen.terminate()
    assert next(whole).status == Status.NOT_SERVING
    for watch in (whole, unknown):
        with pytest.raises(grpc.RpcError) as end:
            next(watch)
        assert (end.value.code(), end.value.details()) == (grpc.StatusCode.UNAVAILABLE, SHUTTING_DOWN().message)
