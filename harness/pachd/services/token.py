"""Refusing calls without the start-up token: the server runs commands, so it trusts nobody by default."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

import grpc

from harness.pachd.errors import server as errors

if TYPE_CHECKING:
    from collections.abc import Callable

HEADER = "authn-token"  # Pachyderm's own, so every client has a setting for it
OPEN_TO_ALL = "/grpc.health.v1.Health/"


class TokenGate(grpc.ServerInterceptor):  # type: ignore[misc]  # grpc carries no types
    """Lets calls through that carry ``token``; health checks need none."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    def intercept_service(self, continuation: Callable[[Any], Any], call: Any) -> Any:
        """The handler of ``call``, or one that refuses it."""
        given = dict(call.invocation_metadata).get(HEADER, "")
        if call.method.startswith(OPEN_TO_ALL) or hmac.compare_digest(_bytes(given), self._token):
            return continuation(call)
        return grpc.stream_stream_rpc_method_handler(_refuse)


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


def _refuse(_requests: Any, context: Any) -> Any:
    context.abort(grpc.StatusCode.UNAUTHENTICATED, errors.NO_TOKEN().message)
