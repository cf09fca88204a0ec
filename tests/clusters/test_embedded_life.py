"""A real server: started, asked, killed, started again on its data."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import grpc
import pytest

from harness.clusters import Cluster, ClusterError, EmbeddedCluster, Options, start

DEADLINE = 30.0  # seconds


def test_it_answers_to_its_token_only_and_leaves_nothing() -> None:
    with EmbeddedCluster() as cluster:
        assert cluster.kind == "embedded"
        assert cluster.isolation
        assert cluster.client().get_remote_version().major == 2
        stranger = Cluster("external", cluster.address).client()
        with pytest.raises(grpc.RpcError, match="no authentication token"):
            stranger.list_repo().__next__()
        assert cluster.death() is None
    assert cluster.root is not None
    assert cluster.pid is not None
    assert not cluster.root.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(cluster.pid, 0)


def test_data_survives_a_killed_server(tmp_path: Path) -> None:
    options = Options(root=tmp_path / "data")
    with EmbeddedCluster(options) as cluster:
        client = cluster.client()
        client.create_repo("kept")
        client.put_file_bytes(("kept", "master"), "/a", b"bytes")
        assert cluster.pid is not None
        os.kill(cluster.pid, signal.SIGKILL)
        with pytest.raises(grpc.RpcError):
            list(client.subscribe_commit("kept", "master"))
        death = cluster.death(patience=10)
    assert f"was ended by SIGKILL; its data directory is kept, `harness up --root {tmp_path / 'data'}`" in str(death)
    with EmbeddedCluster(options) as cluster:
        assert cluster.client().get_file(("kept", "master"), "/a").read() == b"bytes"


def test_temporary_data_of_a_cluster_that_died_is_kept() -> None:
    with EmbeddedCluster() as cluster:
        cluster.client().create_repo("kept")
        assert cluster.pid is not None
        os.kill(cluster.pid, signal.SIGKILL)
        assert cluster.death(patience=10) is not None
    assert cluster.root is not None
    try:
        with EmbeddedCluster(Options(root=cluster.root)) as again:
            assert [info.repo.name for info in again.client().list_repo()] == ["kept"]
    finally:
        shutil.rmtree(cluster.root)


STARTER = """
import sys
from harness.clusters import EmbeddedCluster
with EmbeddedCluster() as cluster:
    print(cluster.pid, cluster.root, flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="process descriptors are Linux's")
def test_a_killed_starter_leaves_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", STARTER], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as starter:
        assert starter.stdout is not None
        pid, root = starter.stdout.readline().split()
        server = os.pidfd_open(int(pid))
        starter.kill()
    try:
        ended, _, _ = select.select([server], [], [], DEADLINE)
    finally:
        os.close(server)
    assert ended, f"the server ran {DEADLINE:g} s longer than its starter"
    assert not Path(root.decode()).exists()


def test_one_server_a_data_directory(tmp_path: Path) -> None:
    with EmbeddedCluster(Options(root=tmp_path)), pytest.raises(ClusterError, match="in use by another server"):
        EmbeddedCluster(Options(root=tmp_path)).__enter__()


def test_a_running_cluster_can_be_used_by_its_address(tmp_path: Path) -> None:
    with EmbeddedCluster() as embedded:
        with start(f"pachd://{embedded.address},{embedded.token}") as cluster:
            assert cluster.kind == "external"
            assert list(cluster.client().list_repo()) == []
        with pytest.raises(ClusterError, match="no authentication token"), start(embedded.address):
            pytest.fail("it let a stranger in")
