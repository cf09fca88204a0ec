"""What clients ask of the cluster itself: who it is, whether they fit, and what auth would say if there were any."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import empty_pb2
from grpc import StatusCode
from python_pachyderm.proto.v2.admin import admin_pb2, admin_pb2_grpc
from python_pachyderm.proto.v2.enterprise import enterprise_pb2, enterprise_pb2_grpc
from python_pachyderm.proto.v2.pfs import pfs_pb2
from python_pachyderm.proto.v2.version.versionpb import version_pb2, version_pb2_grpc

NOT_ACTIVATED = "the auth service is not activated"


@pytest.fixture
def admin(client: Any) -> Any:
    return admin_pb2_grpc.APIStub(client._channel)


def asked_by(major: int, minor: int) -> Any:
    return admin_pb2.InspectClusterRequest(client_version=version_pb2.Version(major=major, minor=minor, micro=3))


def test_the_version_is_2_7(client: Any) -> None:
    version = version_pb2_grpc.APIStub(client._channel).GetVersion(empty_pb2.Empty())
    assert (version.major, version.minor, version.additional) == (2, 7, "")


def test_a_cluster_has_an_identity(client: Any) -> None:
    info = client.inspect_cluster()
    assert info.id
    assert info.deployment_id
    assert (info.version_warnings_ok, info.proxy_host, info.proxy_tls) == (True, "", False)


@pytest.mark.parametrize("older_or_newer", [(1, 13), (2, 6), (2, 8), (3, 0)])
def test_clients_of_other_versions_are_warned(admin: Any, older_or_newer: tuple[int, int]) -> None:
    (warning,) = admin.InspectCluster(asked_by(*older_or_newer)).version_warnings
    assert ("old" if older_or_newer < (2, 7) else "new") in warning


def test_clients_of_this_version_are_not_warned(admin: Any) -> None:
    assert list(admin.InspectCluster(asked_by(2, 7)).version_warnings) == []


def test_a_client_that_sends_no_version_is_warned(client: Any) -> None:
    assert len(client.inspect_cluster().version_warnings) == 1


def test_the_project_of_a_context_must_exist(admin: Any, refused: Any) -> None:
    assert admin.InspectCluster(admin_pb2.InspectClusterRequest(current_project=pfs_pb2.Project(name="default")))
    text = 'could not inspect project "nowhere": error getting project "nowhere": project "nowhere" not found'
    with refused(StatusCode.NOT_FOUND, text):
        admin.InspectCluster(admin_pb2.InspectClusterRequest(current_project=pfs_pb2.Project(name="nowhere")))


def test_auth_is_not_activated(client: Any, pfs: Any, refused: Any) -> None:
    for call in (
        client.who_am_i,
        client.list_idp_connectors,
        lambda: pfs.ActivateAuth(pfs_pb2.ActivateAuthRequest()),
    ):
        with pytest.raises(Exception, match=NOT_ACTIVATED):
            call()
    text = (
        "Pachyderm Enterprise is not active in this cluster, and the Pachyderm auth API is an Enterprise-level feature"
    )
    with refused(StatusCode.UNKNOWN, text):
        client.activate_auth("root")


def test_there_is_no_licence(client: Any) -> None:
    enterprise = enterprise_pb2_grpc.APIStub(client._channel)
    assert enterprise.GetState(enterprise_pb2.GetStateRequest()).state == enterprise_pb2.State.NONE
    client.delete_all_license()
