"""Binding plain Python objects to gRPC services.

A service is an object whose methods carry the names of its RPCs: ``InspectRepo(request, context)`` returns a message,
streaming ones return or take iterators. What the object lacks answers UNIMPLEMENTED with its name, so the list of what
is implemented is the object itself. Message classes and streaming kinds come from the descriptors.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import descriptor_pb2, symbol_database

from harness.pachd.errors import Code, PachError
from harness.pachd.errors import server as errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

log = logging.getLogger(__name__)


def handlers(pb2: Any, service_name: str, implementation: object) -> Any:
    """The gRPC handler for ``service_name`` (such as ``API``) of the generated module ``pb2``."""
    file = descriptor_pb2.FileDescriptorProto.FromString(pb2.DESCRIPTOR.serialized_pb)
    service = next(service for service in file.service if service.name == service_name)
    full_name = f"{file.package}.{service_name}"
    methods = {method.name: _handler(full_name, method, implementation) for method in service.method}
    return grpc.method_handlers_generic_handler(full_name, methods)


def _handler(service: str, method: Any, implementation: object) -> Any:
    symbols = symbol_database.Default()
    request = symbols.GetSymbol(method.input_type.lstrip("."))
    response = symbols.GetSymbol(method.output_type.lstrip("."))
    call = getattr(implementation, method.name, None) or _missing(service, method.name)
    full_name = f"{service}/{method.name}"
    behaviour = _stream(full_name, call) if method.server_streaming else _unary(full_name, call)
    kind = {
        (False, False): grpc.unary_unary_rpc_method_handler,
        (False, True): grpc.unary_stream_rpc_method_handler,
        (True, False): grpc.stream_unary_rpc_method_handler,
        (True, True): grpc.stream_stream_rpc_method_handler,
    }[(method.client_streaming, method.server_streaming)]
    return kind(behaviour, request_deserializer=request.FromString, response_serializer=response.SerializeToString)


def _missing(service: str, method: str) -> Callable[[Any, Any], Any]:
    def refuse(_request: Any, _context: Any) -> Any:
        raise errors.NOT_IMPLEMENTED(service=service, method=method)

    return refuse


def _unary(method: str, call: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def behave(request: Any, context: Any) -> Any:
        try:
            return call(request, context)
        except Exception as error:  # noqa: BLE001 -- the one place where errors become gRPC statuses
            return _abort(context, method, error)

    return behave


def _stream(method: str, call: Callable[[Any, Any], Iterator[Any]]) -> Callable[[Any, Any], Iterator[Any]]:
    def behave(request: Any, context: Any) -> Iterator[Any]:
        try:
            yield from call(request, context)
        except Exception as error:  # noqa: BLE001 -- as above
            _abort(context, method, error)

    return behave


def _abort(context: Any, method: str, error: Exception) -> Any:
    if isinstance(error, PachError):
        return context.abort(_STATUS[error.code.value], error.message)
    if not context.is_active():  # the client went away: whatever broke, nobody is there to be told
        log.debug("%s ended by its client: %r", method, error)
        return context.abort(grpc.StatusCode.CANCELLED, "cancelled by the client")
    log.exception("%s failed", method)
    fault = errors.INTERNAL(method=method, reason=f"{type(error).__name__}: {error}")
    return context.abort(_STATUS[Code.INTERNAL.value], fault.message)


_STATUS = {code.value[0]: code for code in grpc.StatusCode}
