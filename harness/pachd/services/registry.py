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
from harness.pachd.services.debug import Debug
from harness.pachd.services.inactive import Auth, Enterprise, Inactive, License, OldClients
from harness.pachd.services.pfs import PFS
from harness.pachd.services.pps import PPS
from harness.pachd.services.transactions import Transactions

if TYPE_CHECKING:
    from harness.pachd.pfs.version_store import VersionStore
    from harness.pachd.services.rooms import Rooms
    from harness.pachd.store.database import Database


SERVICES: tuple[tuple[Any, str, type], ...] = (  # the generated module, the name there, what answers
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


def handlers(store: VersionStore, pps: PPS, debug: Debug, rooms: Rooms) -> list[Any]:
    """For ``grpc.server``: what answers each RPC, and each that this server does not have."""

    def check_project(name: str) -> None:
        with store.snapshot() as conn:
            projects.check_context(conn, name)

    watched = [pb2.DESCRIPTOR.services_by_name[name].full_name for pb2, name, kind in SERVICES if kind is not Health]
    made: list[object] = [PFS(store), pps, Transactions(store), Version(), debug]
    made += [Admin(_cluster_id(store.db), check_project), Health(store.events, watched)]
    made += [Auth(), Inactive(), License(), Enterprise()]
    by_kind = {type(service): service for service in made}
    return [*(wire.handlers(pb2, name, by_kind[kind], rooms) for pb2, name, kind in SERVICES), OldClients()]


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
