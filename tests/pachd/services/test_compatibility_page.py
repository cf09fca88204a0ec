"""The page that says what is implemented says it of the server that runs."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.protobuf import symbol_database

from harness.clusters import Options, start

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = Path(__file__).resolve().parents[3] / "docs"
GENERATOR = runpy.run_path(str(DOCS / "compatibility_table.py"))
SECONDS = 20.0

# Every RPC of every service: (its method's descriptor, what the table says of it).
RPCS = [
    (pb2.DESCRIPTOR.services_by_name[name].methods_by_name[answer.rpc], answer)
    for pb2, name, implementation in GENERATOR["SERVICES"]
    for answer in GENERATOR["answers"](pb2, name, implementation)
]


@pytest.fixture(scope="module")
def channel() -> Iterator[Any]:
    """A connection to a server of its own: some of these calls delete everything."""
    with start("embedded", Options()) as cluster:
        yield cluster.client()._channel


def answer_to_nothing(channel: Any, method: Any) -> tuple[grpc.StatusCode | None, str]:
    """Status and text of the answer to an empty request; no status where there was a reply."""
    reply = symbol_database.Default().GetSymbol(method.output_type.full_name)
    path = f"/{method.containing_service.full_name}/{method.name}"
    # A stream of replies tells a single one, too, and a stream with one request is a request.
    call = channel.stream_stream(path, response_deserializer=reply.FromString)(iter([b""]), timeout=SECONDS)
    try:
        next(call, None)
    except grpc.RpcError as error:
        return error.code(), error.details()
    finally:
        call.cancel()
    return None, ""


@pytest.mark.parametrize(
    ("method", "answer"), RPCS, ids=[f"{method.containing_service.full_name}-{method.name}" for method, _ in RPCS]
)
def test_each_call_is_answered_as_the_table_says(channel: Any, method: Any, answer: Any) -> None:
    code, text = answer_to_nothing(channel, method)
    assert code is not grpc.StatusCode.INTERNAL, text
    if answer.error is not None:
        assert (code.value[0], text) == (answer.error.code.value, told(answer.error.template, method))  # type: ignore[union-attr]
    else:
        assert code is not grpc.StatusCode.UNIMPLEMENTED, text


def told(template: str, method: Any) -> str:
    return template.format(method=f"{method.containing_service.full_name}/{method.name}")


def test_the_table_is_that_of_the_services() -> None:
    text = (DOCS / "compatibility.md").read_text(encoding="utf-8")
    assert GENERATOR["page"](text) == text, "run: python docs/compatibility_table.py"


def test_every_rpc_stands_in_the_table_once() -> None:
    text = (DOCS / "compatibility.md").read_text(encoding="utf-8")
    rows = {row.split("|")[1].strip(" `"): row.split("|")[2:-1] for row in text.splitlines() if row.startswith("| `")}
    for pb2, name, _ in GENERATOR["SERVICES"]:
        service = pb2.DESCRIPTOR.services_by_name[name]
        listed = [rpc.strip() for cell in rows[service.full_name] for rpc in cell.split(",") if rpc.strip()]
        assert sorted(listed) == sorted(method.name for method in service.methods)


def test_what_the_sidecars_call_is_absent(channel: Any) -> None:
    with pytest.raises(grpc.RpcError) as refusal:
        channel.unary_unary("/proxy.API/Listen")(b"")
    assert refusal.value.code() is grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("service", ["pfs.API", "pps.API", "admin.API", "auth.API", "debug.Debug", "transaction.API"])
def test_services_of_1_x_say_that_the_client_is_too_old(channel: Any, service: str) -> None:
    with pytest.raises(grpc.RpcError) as refusal:
        channel.unary_unary(f"/{service}/ListAnything")(b"")
    assert (refusal.value.code(), refusal.value.details()) == (
        grpc.StatusCode.UNKNOWN,
        "this server is running pachyderm 2.x, but your client appears to be an older version - please upgrade",
    )
