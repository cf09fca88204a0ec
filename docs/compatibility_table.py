"""Writes the table in ``compatibility.md`` from the services themselves: ``python docs/compatibility_table.py``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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

from harness.pachd.services.cluster import Admin, Health, Version
from harness.pachd.services.inactive import Auth, Enterprise, Inactive, License
from harness.pachd.services.pfs import PFS
from harness.pachd.services.pps import PPS
from harness.pachd.services.transactions import Transactions

PAGE = Path(__file__).with_name("compatibility.md")
BEGIN, END = "<!-- table: python docs/compatibility_table.py -->", "<!-- end of table -->"

SERVICES: tuple[tuple[Any, str, type | None], ...] = (
    (pfs_pb2, "API", PFS),
    (pps_pb2, "API", PPS),
    (transaction_pb2, "API", Transactions),
    (version_pb2, "API", Version),
    (admin_pb2, "API", Admin),
    (health_pb2, "Health", Health),
    (debug_pb2, "Debug", None),
    (auth_pb2, "API", Auth),
    (identity_pb2, "API", Inactive),
    (license_pb2, "API", License),
    (enterprise_pb2, "API", Enterprise),
)


def table() -> str:
    """A row a service: what it answers, what answers as where auth was never activated, what is refused by name."""
    lines = ["| service | implemented | not activated | not implemented |", "|---|---|---|---|"]
    for pb2, name, implementation in SERVICES:
        methods = sorted(method.name for method in pb2.DESCRIPTOR.services_by_name[name].methods)
        own = [method for method in methods if hasattr(implementation, method)]
        rest = [method for method in methods if method not in own]
        inactive = implementation is not None and issubclass(implementation, Inactive)
        cells = [own, rest if inactive else [], [] if inactive else rest]
        package = pb2.DESCRIPTOR.package
        lines.append(f"| `{package}.{name}` | " + " | ".join(", ".join(cell) for cell in cells) + " |")
    return "\n".join(lines)


def page(text: str) -> str:
    """``text`` of the page with the table of now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
