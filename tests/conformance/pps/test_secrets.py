"""Secrets: kept by name, given to user code as variables and files, looked for when a pipeline is made."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from python_pachyderm.proto.v2.pps import pps_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conformance.conftest import Refused
    from tests.conformance.pps.conftest import Lab

NAME = "api-key"


@pytest.fixture
def secrets(lab: Lab) -> Iterator[Any]:
    """The client of a cluster without secrets."""

    def clear() -> None:
        for info in lab.client.list_secret():
            lab.client.delete_secret(info.secret.name)

    clear()
    yield lab.client
    clear()


def document(**fields: Any) -> bytes:
    given = {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": NAME, "labels": None, "annotations": None}}
    return json.dumps({**given, **fields}).encode()


def create(pps: Any, **fields: Any) -> None:
    pps.CreateSecret(pps_pb2.CreateSecretRequest(file=document(**fields)))


def test_secrets_are_made_listed_inspected_and_deleted(secrets: Any, pps: Any) -> None:
    secrets.create_secret(NAME, {"user": "ann", "password": b"\x00\xff"}, labels={"team": "a"})
    create(pps, metadata={"name": "other"}, type="kubernetes.io/basic-auth", data={"password": "eA=="})
    assert [info.secret.name for info in secrets.list_secret()] == [NAME, "other"]
    info = secrets.inspect_secret(NAME)
    assert (info.secret.name, info.type) == (NAME, "Opaque")
    assert info.creation_timestamp.seconds > 1_600_000_000
    assert secrets.inspect_secret("other").type == "kubernetes.io/basic-auth"
    secrets.delete_secret(NAME)
    assert [info.secret.name for info in secrets.list_secret()] == ["other"]


def test_what_cannot_be_is_refused(secrets: Any, pps: Any, refused: Refused) -> None:
    unknown = grpc.StatusCode.UNKNOWN
    secrets.create_secret(NAME, {"k": "v"})
    with refused(unknown, f'failed to create secret: secrets "{NAME}" already exists'):
        secrets.create_secret(NAME, {"k": "v"})
    with refused(unknown, 'failed to get secret: secrets "nobody" not found'):
        secrets.inspect_secret("nobody")
    with refused(unknown, 'failed to delete secret: secrets "nobody" not found'):
        secrets.delete_secret("nobody")
    with refused(unknown, "invalid suite label set on secret: suite=office"):
        secrets.create_secret("b", {"k": "v"}, labels={"suite": "office"})
    secrets.create_secret("c", {"k": "v"}, labels={"suite": "pachyderm"})
    for malformed in (b"{", document(data={"k": "no base64"}), b"[1]"):
        with pytest.raises(grpc.RpcError, match="failed to unmarshal secret: "):
            pps.CreateSecret(pps_pb2.CreateSecretRequest(file=malformed))
    for name in ("Capital", "../escape", "", "a" * 254):
        with pytest.raises(grpc.RpcError, match="failed to create secret: "):
            secrets.create_secret(name, {"k": "v"})
    with pytest.raises(grpc.RpcError, match="failed to create secret: "):
        secrets.create_secret("d", {"a/b": "v"})
    assert [info.secret.name for info in secrets.list_secret()] == [NAME, "c"]


def test_a_pipelines_secrets_are_looked_for_in_their_order_before_all_else(
    lab: Lab, secrets: Any, refused: Refused
) -> None:
    unknown = grpc.StatusCode.UNKNOWN
    secrets.create_secret(NAME, {"k": "v"})
    there = pps_pb2.SecretMount(name=NAME, env_var="A", key="k")
    for wanted, text in (
        (pps_pb2.SecretMount(name="nobody", env_var="B"), "secret nobody has env_var set but is missing key"),
        (pps_pb2.SecretMount(name="nobody", env_var="B", key="k"), "missing Kubernetes secret nobody"),
        (pps_pb2.SecretMount(name=NAME, env_var="B", key="l"), f"Kubernetes secret {NAME} missing key l"),
        (pps_pb2.SecretMount(name="nobody", mount_path="/s"), "missing Kubernetes secret nobody"),
    ):
        with refused(unknown, text):
            lab.create("p", "true", ("no-such-repo", "/"), transform={"secrets": [there, wanted]})
    assert not list(lab.client.list_pipeline())


def test_user_code_sees_secrets_as_variables_and_files(lab: Lab, secrets: Any, pps: Any) -> None:
    data = {"user": b"ann", "blob": bytes(range(256))}
    create(pps, data={key: base64.b64encode(value).decode() for key, value in data.items()})
    lab.put("data", {"/a": "a", "/b": "b"})
    mounts = [
        pps_pb2.SecretMount(name=NAME, env_var="WHO", key="user"),
        pps_pb2.SecretMount(name=NAME, mount_path="/var/run/of-pipeline/secret"),
    ]
    script = "; ".join(
        (
            'cd /var/run/of-pipeline/secret; f=/pfs/out/$(basename "$data"); echo "$WHO" > $f.who',
            "cat user > $f.user; od -An -v -tx1 blob | tr -d ' \\n' > $f.blob; ls > $f.names",
        )
    )
    lab.create("p", script, ("data", "/*"), transform={"secrets": mounts})
    assert lab.progress("p") == "SUCCESS 2+0/2"
    found = lab.files("p")
    for name in "ab":
        assert found[f"/{name}.who"] == "ann\n"
        assert found[f"/{name}.user"] == "ann"
        assert bytes.fromhex(found[f"/{name}.blob"]) == data["blob"]
        assert found[f"/{name}.names"] == "blob\nuser\n"


def test_deleting_all_pipelines_deletes_secrets(lab: Lab, secrets: Any) -> None:
    secrets.create_secret(NAME, {"k": "v"})
    lab.client.delete_all_pipelines()
    assert not secrets.list_secret()
