"""Calls that no proper client makes: every method of every service, with bytes and streams of any shape."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import descriptor, descriptor_pb2, symbol_database
from grpc_health.v1 import health_pb2
from python_pachyderm.proto.v2.admin import admin_pb2
from python_pachyderm.proto.v2.auth import auth_pb2
from python_pachyderm.proto.v2.debug import debug_pb2
from python_pachyderm.proto.v2.enterprise import enterprise_pb2
from python_pachyderm.proto.v2.identity import identity_pb2
from python_pachyderm.proto.v2.license import license_pb2
from python_pachyderm.proto.v2.pfs import pfs_pb2
from python_pachyderm.proto.v2.pps import pps_pb2
from python_pachyderm.proto.v2.transaction import transaction_pb2
from python_pachyderm.proto.v2.version.versionpb import version_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

MODULES = (
    pfs_pb2,
    pps_pb2,
    transaction_pb2,
    debug_pb2,
    admin_pb2,
    version_pb2,
    auth_pb2,
    identity_pb2,
    license_pb2,
    enterprise_pb2,
    health_pb2,
)
# No call of these ends before its client does, if it likes to wait.
WAITING = frozenset(
    [
        "SubscribeCommit",
        "SubscribeJob",
        "InspectCommit",
        "InspectCommitSet",
        "InspectJob",
        "InspectJobSet",
        "GetLogs",
        "Watch",
        "Profile",
    ]
)
BUSY = ("/pfs_v2.", "/pps_v2.", "/transaction_v2.")
SECONDS_TO_WAIT = 0.1
SECONDS = 60.0  # a call that takes longer hangs

ID = "0123456789ab4def0123456789abcdef"
KNOWN = ("", "images", "images", "master", "master", "default", "user", "/a", "/", ID)  # a fuzzed server has these
ODD = ("spec", "__filesets__", f"{ID}^2", "/*", "**", "../..", "\0", "a\0b", "é\u202e", "{0.__class__}", "%s%n")
STRANGE = ("x" * 70_000, "[", "!(" * 30, "http://127.0.0.1:1/x", "file:///etc/passwd", "s3://", "1K", "9" * 400)
NUMBERS = (0, 1, -1, 2, 100, 2**31 - 1, -(2**31), 2**63 - 1, -(2**63))
DEEPEST = 5


@dataclass(frozen=True)
class Method:
    """An RPC: its path, the class of its requests, whether clients send many."""

    path: str
    request: Any
    streams: bool

    @property
    def seconds(self) -> float:
        return SECONDS_TO_WAIT if self.path.rpartition("/")[2] in WAITING else SECONDS


def methods() -> list[Method]:
    """All there are."""
    found = []
    for module in MODULES:
        file = descriptor_pb2.FileDescriptorProto.FromString(module.DESCRIPTOR.serialized_pb)
        for service in file.service:
            for method in service.method:
                request = symbol_database.Default().GetSymbol(method.input_type.lstrip("."))
                path = f"/{file.package}.{service.name}/{method.name}"
                found.append(Method(path, request, method.client_streaming))
    return found


def requests(random: Random, method: Method) -> list[bytes]:
    """What to send: messages with fields of any value, damaged ones, plain noise; at times too few or too many."""
    count = random.choice((1, 1, 1, 1, 0, 2)) if not method.streams else random.choice((0, 1, 2, 5))
    return [_bytes(random, method) for _ in range(count)]


def call(random: Random, channel: grpc.Channel, method: Method) -> grpc.StatusCode:
    """Make one call and give its end. Raises AssertionError for ends that no request may cause."""
    sent = requests(random, method)
    replies = channel.stream_stream(method.path)(iter(sent), timeout=method.seconds, metadata=_metadata(random))
    leaves = random.choice((0, 1)) if random.random() < 0.1 else None  # after so many replies
    with suppress(grpc.RpcError):
        for _ in islice(replies, leaves):
            pass
    if leaves is not None:
        replies.cancel()
    code, text = replies.code(), replies.details() or ""
    said = f"{method.path} of {[piece[:300] for piece in sent]} ended with {code}: {text}"
    hangs = code is grpc.StatusCode.DEADLINE_EXCEEDED and method.seconds == SECONDS
    assert not hangs, f"no answer: {said}"
    assert code is not grpc.StatusCode.INTERNAL, said
    assert not text.startswith("Exception "), f"gRPC's words for what nobody caught: {said}"
    return code


def message(random: Random, class_: Any, depth: int = 0) -> Any:
    """A message some of whose fields are set, to anything."""
    made = class_()
    for field in class_.DESCRIPTOR.fields:
        if random.random() < (0.7 if depth < 2 else 0.3) and depth < DEEPEST:
            _fill(random, made, field, depth)
    return made


def _fill(random: Random, made: Any, field: Any, depth: int) -> None:
    nested = field.message_type
    if nested is not None and nested.GetOptions().map_entry:
        return
    if field.label == field.LABEL_REPEATED:
        items = getattr(made, field.name)
        for _ in range(random.choice((0, 1, 1, 3))):
            if nested is not None:
                items.add().MergeFrom(message(random, nested._concrete_class, depth + 1))
            else:
                items.append(_scalar(random, field))
    elif nested is not None:
        part = getattr(made, field.name)
        part.SetInParent()
        part.MergeFrom(message(random, nested._concrete_class, depth + 1))
    else:
        setattr(made, field.name, _scalar(random, field))


def _scalar(random: Random, field: Any) -> Any:
    kinds = descriptor.FieldDescriptor
    if field.cpp_type == kinds.CPPTYPE_STRING:
        text = random.choice(random.choice((KNOWN, KNOWN, ODD, STRANGE)))
        return text.encode() if field.type == kinds.TYPE_BYTES else text
    if field.cpp_type == kinds.CPPTYPE_BOOL:
        return random.random() < 0.5
    if field.cpp_type in (kinds.CPPTYPE_DOUBLE, kinds.CPPTYPE_FLOAT):
        return random.choice((0.0, -1.0, 1e30, float("nan"), float("inf")))
    if field.cpp_type == kinds.CPPTYPE_ENUM:
        return random.choice((*field.enum_type.values_by_number, 99, -5))
    bits = 63 if field.cpp_type in (kinds.CPPTYPE_INT64, kinds.CPPTYPE_UINT64) else 31
    low = 0 if field.cpp_type in (kinds.CPPTYPE_UINT32, kinds.CPPTYPE_UINT64) else -(2**bits)
    return max(low, min(2**bits - 1, random.choice(NUMBERS)))


def _bytes(random: Random, method: Method) -> bytes:
    kind = random.random()
    if kind < 0.1:
        return random.randbytes(random.choice((1, 3, 20, 300)))
    data = bytearray(message(random, method.request).SerializeToString())
    if kind < 0.3 and data:
        del data[random.randrange(len(data)) :]
    elif kind < 0.5 and data:
        for _ in range(random.choice((1, 2, 8))):
            data[random.randrange(len(data))] = random.randrange(256)
    return bytes(data)


def _metadata(random: Random) -> tuple[tuple[str, str | bytes], ...]:
    """Mostly none; else what services look at, with values that mean nothing."""
    if random.random() < 0.9:
        return ()
    return random.choice(
        (
            (("pach-transaction", ID),),
            (("pach-transaction", "one"), ("pach-transaction", "two")),
            (("pach-transaction", "x" * 4000),),
            (("authn-token", "~" * 3000),),
            (("authn-token-bin", b"\xff\0\xfe"),),
            (("x-garbage-bin", bytes(range(256))), ("grpc-encoding", "none")),
            (("huge", "x" * 100_000),),
        )
    )


def rounds(random: Random, count: int) -> Iterator[Method]:
    """Every method ``count`` times, those that can do something four times as often, in any order."""
    order = [method for method in methods() for _ in range(count * (4 if method.path.startswith(BUSY) else 1))]
    random.shuffle(order)
    return iter(order)
