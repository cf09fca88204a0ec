"""Writes the table in ``compatibility.md`` from the services themselves: ``python docs/compatibility_table.py``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

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

from harness.pachd.errors import server
from harness.pachd.services import wire
from harness.pachd.services.cluster import Admin, Health, Version
from harness.pachd.services.debug import Debug
from harness.pachd.services.inactive import Auth, Enterprise, Inactive, License
from harness.pachd.services.pfs import PFS
from harness.pachd.services.pps import PPS
from harness.pachd.services.transactions import Transactions

if TYPE_CHECKING:
    from harness.pachd.errors import Kind

PAGE = Path(__file__).with_name("compatibility.md")
BEGIN, END = "<!-- table: python docs/compatibility_table.py -->", "<!-- end of table -->"
IMPLEMENTED, NOT_ACTIVATED, REFUSED = KINDS = ("implemented", "answers not activated", "refused")

SERVICES: tuple[tuple[Any, str, type], ...] = (
    (pfs_pb2, "API", PFS),
    (pps_pb2, "API", PPS),
    (transaction_pb2, "API", Transactions),
    (version_pb2, "API", Version),
    (admin_pb2, "API", Admin),
    (health_pb2, "Health", Health),
    (debug_pb2, "Debug", Debug),
    (auth_pb2, "API", Auth),
    (identity_pb2, "API", Inactive),
    (license_pb2, "API", License),
    (enterprise_pb2, "API", Enterprise),
)


class Answer(NamedTuple):
    """What an RPC answers: ``kind`` is one of ``KINDS``; ``error`` is what a refused one says every time."""

    rpc: str
    kind: str
    error: Kind | None = None


def answers(pb2: Any, name: str, implementation: type) -> list[Answer]:
    """One for each RPC of a service, by name."""
    rpcs = sorted(method.name for method in pb2.DESCRIPTOR.services_by_name[name].methods)
    return [_answer(rpc, wire.find(implementation, rpc)) for rpc in rpcs]


def _answer(rpc: str, method: Any) -> Answer:
    error = server.NOT_IMPLEMENTED if method is None else getattr(method, "answer", None)
    if error is None:
        return Answer(rpc, IMPLEMENTED)
    return Answer(rpc, NOT_ACTIVATED if error is server.AUTH_NOT_ACTIVATED else REFUSED, error)


def table() -> str:
    """A row a service, then a line for each RPC that is refused with words of its own."""
    lines = [f"| service | {' | '.join(KINDS)} |", "|---|" + "---|" * len(KINDS)]
    own_words = []
    for pb2, name, implementation in SERVICES:
        full_name = f"{pb2.DESCRIPTOR.package}.{name}"
        found = answers(pb2, name, implementation)
        cells = [", ".join(answer.rpc for answer in found if answer.kind == kind) for kind in KINDS]
        lines.append(f"| `{full_name}` | {' | '.join(cells)} |")
        own_words += [
            f"* `{full_name}/{answer.rpc}`: {answer.error.code.name} `{answer.error.template}`"
            for answer in found
            if answer.kind == REFUSED and answer.error not in (None, server.NOT_IMPLEMENTED)
        ]
    return "\n".join([*lines, "", *own_words])


def page(text: str) -> str:
    """``text`` of the page with the table of now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
