"""Binding plain Python objects to gRPC services.

A service is an object whose methods carry the names of its RPCs: ``InspectRepo(request, context)`` returns a message,
streaming ones return or take iterators. What the object lacks is answered by its method ``otherwise`` if it has one,
else UNIMPLEMENTED with its name, so the list of what is implemented is the object itself. Message classes and streaming
kinds come from the descriptors; where an object has ``parsers``, by method, these read the requests instead.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import descriptor_pb2, symbol_database

from harness.pachd.errors import server as errors
from harness.pachd.services.statuses import abort
from harness.pachd.services.token import needs_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from harness.pachd.errors import Kind
    from harness.pachd.services.rooms import Rooms

    Hold = Callable[[Any], AbstractContextManager[None]]

log = logging.getLogger(__name__)


def handlers(pb2: Any, service_name: str, implementation: object, rooms: Rooms) -> Any:
    """The gRPC handler for ``service_name`` (such as ``API``) of the generated module ``pb2``."""
    descriptor = pb2.DESCRIPTOR.services_by_name[service_name]
    service = descriptor_pb2.ServiceDescriptorProto()
    descriptor.CopyToProto(service)  # the whole file's would take ten times as long, while the server starts
    name = descriptor.full_name
    methods = {method.name: _handler(name, method, implementation, rooms) for method in service.method}
    return grpc.method_handlers_generic_handler(name, methods)


def always(kind: Kind) -> Callable[[Any, Any, Any], Any]:
    """A method of a service that answers every call with the error ``kind``."""

    def refuse(_self: object, _request: Any, _context: Any) -> Any:
        raise kind()

    refuse.answer = kind  # type: ignore[attr-defined]  # for the table of what is answered
    return refuse


def nothing(_self: object, _request: Any, _context: Any) -> Iterator[Any]:
    """A streaming method of a service that has nothing to tell."""
    return iter(())


class ClientGone(Exception):  # noqa: N818 -- an event, named as such
    """The client of a call is not there any more, so nobody reads what it would answer."""


def ensure_active(context: Any) -> None:
    """For long work between two messages of a stream, which nothing else ends. Raises ClientGone."""
    if not context.is_active():
        raise ClientGone


def find(implementation: object, method: str) -> Any:
    """What answers the RPC ``method``, of an object or of its class; None: nothing does."""
    return getattr(implementation, method, None) or getattr(implementation, "otherwise", None)


@dataclass(frozen=True)
class _Unreadable:
    """Stands for a request that is no message of its RPC, until somebody can be told."""

    reason: str


def _handler(service: str, method: Any, implementation: object, rooms: Rooms) -> Any:
    symbols = symbol_database.Default()
    request = symbols.GetSymbol(method.input_type.lstrip("."))
    parsers = getattr(implementation, "parsers", {})
    full_name = f"{service}/{method.name}"
    answer = find(implementation, method.name) or _missing(full_name)
    # gRPC keeps a thread for a call until its only request has come. Strangers' calls must be counted before that.
    early = not needs_token(full_name) and not method.client_streaming
    streaming = method.client_streaming or early
    call = _reading(full_name, _of_first(full_name, answer) if early else answer, streaming)
    behave = _stream if method.server_streaming else _unary
    kind = {
        (False, False): grpc.unary_unary_rpc_method_handler,
        (False, True): grpc.unary_stream_rpc_method_handler,
        (True, False): grpc.stream_unary_rpc_method_handler,
        (True, True): grpc.stream_stream_rpc_method_handler,
    }[(streaming, method.server_streaming)]
    return kind(
        behave(full_name, call, rooms.chooser(full_name, method)),
        request_deserializer=_parser(parsers.get(method.name, request.FromString)),
        response_serializer=_serialized,
    )


def _missing(full_name: str) -> Callable[[Any, Any], Any]:
    def refuse(_request: Any, _context: Any) -> Any:
        raise errors.NOT_IMPLEMENTED(method=full_name)

    return refuse


def _of_first(full_name: str, call: Callable[[Any, Any], Any]) -> Callable[[Iterator[Any], Any], Any]:
    """``call``, which takes one request, for a stream that should hold it."""

    def answer(requests: Iterator[Any], context: Any) -> Any:
        request = next(requests, None)
        if request is None:
            raise errors.UNREADABLE(method=full_name, reason="there is none")
        return call(request, context)

    return answer


def _parser(parse: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    """``parse``, but what it cannot read becomes an :class:`_Unreadable`: here is no call yet that could fail."""

    def read(data: bytes) -> Any:
        try:
            return parse(data)
        except Exception as error:  # noqa: BLE001 -- protobuf raises many kinds, RecursionError among them
            return _Unreadable(f"{type(error).__name__}: {error}")

    return read


def _serialized(answer: Any) -> bytes:
    """A message as bytes, unless its method has written it already."""
    return answer if isinstance(answer, bytes) else bytes(answer.SerializeToString())


def _reading(full_name: str, call: Callable[[Any, Any], Any], client_streaming: bool) -> Callable[[Any, Any], Any]:
    """``call`` for requests that could be read; raises UNREADABLE for others."""

    def readable(request: Any) -> Any:
        if isinstance(request, _Unreadable):
            raise errors.UNREADABLE(method=full_name, reason=request.reason)
        return request

    if client_streaming:
        return lambda requests, context: call(map(readable, _to_its_end(requests)), context)
    return lambda request, context: call(readable(request), context)


def _to_its_end(requests: Iterator[Any]) -> Iterator[Any]:
    """All requests of a stream; raises grpc.RpcError where its client broke it off.

    gRPC reports that in two events: that nothing more comes, as after a complete stream, and then that the call is
    cancelled. The handler wakes on the first. What is asked for behind it is answered behind the second.
    """
    yield from requests
    yield from requests


def _unary(method: str, call: Callable[[Any, Any], Any], hold: Hold) -> Callable[[Any, Any], Any]:
    def behave(request: Any, context: Any) -> Any:
        log.debug("%s", method)
        try:
            with hold(request):
                return call(request, context)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the client gets a status
            return abort(context, method, error)

    return behave


def _stream(method: str, call: Callable[[Any, Any], Iterator[Any]], hold: Hold) -> Callable[[Any, Any], Iterator[Any]]:
    def behave(request: Any, context: Any) -> Iterator[Any]:
        log.debug("%s", method)
        try:
            with hold(request):
                yield from call(request, context)
        except Exception as error:  # noqa: BLE001 -- as above
            abort(context, method, error)

    return behave
