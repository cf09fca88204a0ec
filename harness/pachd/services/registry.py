"""Every service of the server, under the name that clients call it by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

from harness.pachd.pfs import keys, projects
from harness.pachd.services import wire
from harness.pachd.services.cluster import Admin, Health, Version
from harness.pachd.services.inactive import Auth, Enterprise, Inactive, License, OldClients
from harness.pachd.services.pfs import PFS
from harness.pachd.services.transactions import Transactions

if TYPE_CHECKING:
    from harness.pachd.pfs.version_store import VersionStore
    from harness.pachd.services.debug import Debug
    from harness.pachd.services.pps import PPS
    from harness.pachd.services.rooms import Rooms
    from harness.pachd.store.database import Database


def handlers(store: VersionStore, pps: PPS, debug: Debug, rooms: Rooms) -> list[Any]:
    """For ``grpc.server``: what answers each RPC, and each that this server does not have."""

    def check_project(name: str) -> None:
        with store.snapshot() as conn:
            projects.check_context(conn, name)

    services: list[tuple[Any, str, object]] = [
        (pfs_pb2, "API", PFS(store)),
        (pps_pb2, "API", pps),
        (version_pb2, "API", Version()),
        (admin_pb2, "API", Admin(_cluster_id(store.db), check_project)),
        (transaction_pb2, "API", Transactions(store)),
        (debug_pb2, "Debug", debug),
        (auth_pb2, "API", Auth()),
        (identity_pb2, "API", Inactive()),
        (license_pb2, "API", License()),
        (enterprise_pb2, "API", Enterprise()),
    ]
    names = [pb2.DESCRIPTOR.services_by_name[name].full_name for pb2, name, _ in services]
    services.append((health_pb2, "Health", Health(store.events, names)))
    return [*(wire.handlers(*service, rooms) for service in services), OldClients()]


def _cluster_id(database: Database) -> str:
    """Made at first start and kept: clients' configuration files compare it."""
    database.install("CREATE TABLE IF NOT EXISTS cluster (id TEXT NOT NULL)")
    with database.write() as conn:
        row = conn.execute("SELECT id FROM cluster").fetchone()
        if row is not None:
            return str(row["id"])
        made = keys.new_id()
        conn.execute("INSERT INTO cluster VALUES (?)", (made,))
        return made
