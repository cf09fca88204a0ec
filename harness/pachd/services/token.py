"""Refusing calls without the start-up token: the server runs commands, so it trusts nobody by default."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

import grpc

from harness.pachd.errors import server as errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.pachd.errors import Kind

HEADER = "authn-token"  # Pachyderm's own, so every client has a setting for it
_OPEN_TO_ALL = "grpc.health.v1.Health/"


def needs_token(full_name: str) -> bool:
    """Whether an RPC, such as ``pfs_v2.API/ListRepo``, is closed to strangers. Health checks are not."""
    return not full_name.startswith(_OPEN_TO_ALL)


class TokenGate(grpc.ServerInterceptor):  # type: ignore[misc]  # grpc carries no types
    """Lets calls through that carry ``token``; health checks need none."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    def intercept_service(self, continuation: Callable[[Any], Any], call: Any) -> Any:
        """The handler of ``call``, or one that refuses it."""
        given = dict(call.invocation_metadata).get(HEADER, "")
        if not needs_token(call.method[1:]) or hmac.compare_digest(_bytes(given), self._token):
            return continuation(call)
        return _WRONG if given else _MISSING


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


def _refusing(refusal: Kind) -> Any:
    """A handler that ends any call at once, without reading what was sent."""
    return grpc.stream_stream_rpc_method_handler(
        lambda _requests, context: context.abort(grpc.StatusCode.UNAUTHENTICATED, refusal().message)
    )


_MISSING, _WRONG = _refusing(errors.NO_TOKEN), _refusing(errors.WRONG_TOKEN)
