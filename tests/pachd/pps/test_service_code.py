"""What a service's code answers, how often it is started, and that a killed server takes it along."""

from __future__ import annotations

import os
import signal
import socket
import sys
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from python_pachyderm.proto.v2.pps import pps_pb2

from harness.clusters import Options
from harness.clusters.embedded import EmbeddedCluster
from tests.pachd.pps.impatient import impatient_server
from tests.pachd.pps.processes import wait_until_gone, with_words

if TYPE_CHECKING:
    from pathlib import Path

# Says when it answers.
SERVER = """
import functools, http.server, sys
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory="/pfs/data")
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), handler)
print("listening", flush=True)
server.serve_forever()
"""


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def create(client: Any, *cmd: str, port: int = 8000, **fields: Any) -> None:
    client.create_pipeline_from_request(
        pps_pb2.CreatePipelineRequest(
            pipeline=pps_pb2.Pipeline(name="service"),
            transform=pps_pb2.Transform(cmd=cmd, image="host"),
            input=pps_pb2.Input(pfs=pps_pb2.PFSInput(repo="data", glob="/")),
            service=pps_pb2.Service(internal_port=port, external_port=port),
            **fields,
        )
    )


def put(client: Any, text: str) -> None:
    with client.commit("data", "master") as commit:
        client.put_file_bytes(commit, "/file", text.encode())


def says(client: Any, text: str, times: int = 1) -> None:
    lines = (line for line in client.get_pipeline_logs("service", follow=True) if text in line.message)
    for _ in range(times):
        next(lines)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the code reads /pfs itself, which takes namespaces")
def test_a_service_answers_with_the_newest_data_also_after_the_server_was_killed(tmp_path: Path, port: int) -> None:
    options = Options(root=tmp_path / "root", allow_host_images=True)
    with EmbeddedCluster(options) as cluster:
        client = cluster.client()
        client.create_repo("data")
        put(client, "one")
        create(client, sys.executable, "-c", SERVER, str(port), port=port)
        says(client, "listening")
        service = next(client.inspect_pipeline("service", details=True)).details.service
        url = f"http://{service.ip}:{service.internal_port}/file"
        assert urllib.request.urlopen(url).read() == b"one"
        put(client, "two")
        says(client, "listening", times=2)
        assert urllib.request.urlopen(url).read() == b"two"
        running = with_words(f" {port} ")
        assert running
        assert cluster.pid is not None
        os.kill(cluster.pid, signal.SIGKILL)
    wait_until_gone(running)
    with EmbeddedCluster(options) as cluster:
        says(cluster.client(), "listening", times=3)
        assert urllib.request.urlopen(url).read() == b"two"
        states = [info.state for info in cluster.client().list_job("service")]
        assert states == [pps_pb2.JOB_RUNNING, pps_pb2.JOB_SUCCESS]


def test_code_that_fails_is_started_four_times_whatever_datum_tries_says(tmp_path: Path) -> None:
    with impatient_server(tmp_path) as client:
        client.create_repo("data")
        put(client, "one")
        create(client, "sh", "-c", "echo started; exit 3", datum_tries=1)
        says(client, ": exit status 3", times=4)
        [info] = client.list_job("service")
        put(client, "two")
        assert next(client.inspect_job(info.job.id, "service", wait=True)).state == pps_pb2.JOB_SUCCESS
        says(client, "started", times=5)
        [*lines] = client.get_job_logs("service", info.job.id)
        assert [line.message for line in lines].count("started") == 4
