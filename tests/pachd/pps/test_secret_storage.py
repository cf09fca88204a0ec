"""Values of secrets: in files of mode 0600 and in user code, in nothing else that the server writes or tells."""

from __future__ import annotations

import base64
import io
import os
import signal
import stat
import tarfile
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from python_pachyderm.proto.v2.debug import debug_pb2, debug_pb2_grpc
from python_pachyderm.proto.v2.pfs import pfs_pb2
from python_pachyderm.proto.v2.pps import pps_pb2, pps_pb2_grpc

from harness.clusters import Options
from harness.clusters.embedded import EmbeddedCluster
from tests.pachd.pps.impatient import impatient_server

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "canary-9b1f2c77"
VALUES = [CANARY.encode(), base64.b64encode(CANARY.encode())]
SCRIPT = 'test "$(cat /run/given/value)" = "$VALUE" && cp /pfs/.env /pfs/out/env'


def create(client: Any) -> None:
    mounts = [
        pps_pb2.SecretMount(name="known", env_var="VALUE", key="value"),
        pps_pb2.SecretMount(name="known", mount_path="/run/given"),
    ]
    client.create_secret("known", {"value": CANARY})
    client.create_repo("data")
    put(client, "a")
    client.create_pipeline_from_request(
        pps_pb2.CreatePipelineRequest(
            pipeline=pps_pb2.Pipeline(name="p"),
            transform=pps_pb2.Transform(cmd=["sh"], stdin=[SCRIPT], image="host", secrets=mounts),
            input=pps_pb2.Input(pfs=pps_pb2.PFSInput(repo="data", glob="/")),
        )
    )


def put(client: Any, name: str) -> None:
    with client.commit("data", "master") as commit:
        client.put_file_bytes(commit, f"/{name}", name.encode())


def ended(client: Any) -> Any:
    newest = next(iter(client.list_job("p"))).job.id
    return next(client.inspect_job(newest, "p", wait=True))


def holding(root: Path) -> set[str]:
    """The files below ``root`` that give the value away."""
    files = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]
    return {str(path.relative_to(root)) for path in files if any(value in path.read_bytes() for value in VALUES)}


def told(client: Any) -> list[str]:
    """What clients can hear of secrets, pipelines and jobs, and read of their commits."""
    repos = [pfs_pb2.Repo(name="p", type=type_) for type_ in ("user", "meta")]
    commits = [pfs_pb2.Commit(branch=pfs_pb2.Branch(repo=repo, name="master")) for repo in repos]
    found = [(commit, info) for commit in commits for info in client.walk_file(commit, "/")]
    paths = [(commit, info.file.path) for commit, info in found if info.file_type == pfs_pb2.FILE]
    assert [path for _, path in paths if path.endswith("/.env")]
    dump = debug_pb2_grpc.DebugStub(client._channel).Dump(debug_pb2.DumpRequest())
    with tarfile.open(fileobj=io.BytesIO(b"".join(piece.value for piece in dump))) as tar:
        opened = [tar.extractfile(member) for member in tar.getmembers()]
        files = [file.read().decode(errors="replace") for file in opened if file is not None]
    return [
        *files,
        *map(str, (client.inspect_secret("known"), client.list_secret(), list(client.list_job("p")))),
        *map(str, client.inspect_pipeline("p", details=True)),
        *(line.message for line in client.get_pipeline_logs("p")),
        *(client.get_file(commit, path).read().decode() for commit, path in paths),
    ]


@pytest.mark.parametrize("isolation", ["namespaces", "rewrite"])
def test_values_are_nowhere_but_in_their_file(tmp_path: Path, isolation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_ISOLATION", isolation)
    root = tmp_path / "root"
    with EmbeddedCluster(Options(root=root, allow_host_images=True)) as cluster:
        client = cluster.client()
        create(client)
        assert ended(client).state == pps_pb2.JOB_SUCCESS
        assert not [text for text in told(client) if CANARY in text]
        copies = {path for path in holding(root) if path.startswith("scratch/")}  # for the worker, as long as it lives
        assert bool(copies) == (cluster.isolation == "rewritten paths")
        assert holding(root) - copies == {"secrets/known"}
        assert {stat.S_IMODE((root / path).stat().st_mode) for path in {"secrets/known", *copies}} == {0o600}
        assert stat.S_IMODE((root / "secrets").stat().st_mode) == 0o700
        client.delete_secret("known")
    assert not holding(root)


def test_refusals_do_not_repeat_values(tmp_path: Path) -> None:
    with impatient_server(tmp_path) as client:
        client.create_secret("known", {"value": "other"})
        for document in (
            f'{{"metadata": {{"name": "known"}}, "stringData": {{"value": "{CANARY}"}}}}',
            f'{{"metadata": {{"name": "x"}}, "data": {{"value": "{CANARY}"}}}}',
            f'{{"metadata": {{"name": "x"}}, "data": "{CANARY}"}}',
            f'{{"data": {CANARY}',
            f'{{"metadata": {{"name": "x\\ud800"}}, "stringData": {{"value": "{CANARY}"}}}}',
            f'{{"metadata": {{"name": "x"}}, "stringData": {{"value": "{CANARY}\\ud800"}}}}',
            f'{{"metadata": {{"name": "x"}}, "stringData": {{"value": "{CANARY}"}}, "more": {"9" * 5000}}}',
        ):
            with pytest.raises(grpc.RpcError) as error:
                pps_pb2_grpc.APIStub(client._channel).CreateSecret(pps_pb2.CreateSecretRequest(file=document.encode()))
            assert CANARY not in error.value.details()
            assert error.value.code() is not grpc.StatusCode.INTERNAL
    assert not holding(tmp_path)


def test_secrets_outlive_the_server_and_a_lost_one_is_waited_for(tmp_path: Path) -> None:
    options = Options(root=tmp_path / "root", allow_host_images=True)
    with EmbeddedCluster(options) as cluster:
        client = cluster.client()
        create(client)
        assert ended(client).state == pps_pb2.JOB_SUCCESS
        assert cluster.pid is not None
        os.kill(cluster.pid, signal.SIGKILL)
    with EmbeddedCluster(options) as cluster:
        client = cluster.client()
        assert [info.secret.name for info in client.list_secret()] == ["known"]
        put(client, "b")
        assert ended(client).data_processed == 1
        client.delete_secret("known")
    with EmbeddedCluster(options) as cluster:
        client = cluster.client()
        put(client, "c")
        next(line for line in client.get_pipeline_logs("p", follow=True) if 'secret "known" not found' in line.message)
        assert next(client.inspect_pipeline("p")).state == pps_pb2.PIPELINE_CRASHING
        client.create_secret("known", {"value": CANARY})
        assert ended(client).state == pps_pb2.JOB_SUCCESS
        assert next(client.inspect_pipeline("p")).state == pps_pb2.PIPELINE_RUNNING
