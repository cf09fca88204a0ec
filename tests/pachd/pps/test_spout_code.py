"""What a spout's code can do, and when it is started and ended."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any

import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2
from python_pachyderm.proto.v2.pps import pps_pb2

from harness.clusters import Options
from harness.clusters.embedded import EmbeddedCluster
from tests.pachd.pps.impatient import impatient_server
from tests.pachd.pps.processes import wait_until_gone, with_words

if TYPE_CHECKING:
    from pathlib import Path

# Writes a commit as clients do that find their way by the file, or by the environment.
WRITING = """
import python_pachyderm as p
for client in (p.Client(), p.Client.new_in_cluster()):
    client.put_file_bytes((name, "master"), f"/{len(list(client.list_commit(name)))}", b"text")
print("written", flush=True)
"""


def create(client: Any, script: str) -> None:
    client.create_pipeline_from_request(
        pps_pb2.CreatePipelineRequest(
            pipeline=pps_pb2.Pipeline(name="spout"),
            transform=pps_pb2.Transform(cmd=["sh", "-c", script], image="host"),
            spout=pps_pb2.Spout(),
        )
    )


def said(client: Any, text: str) -> str:
    """The first line of its log with ``text`` in it, once it is there."""
    return str(next(line for line in client.get_pipeline_logs("spout", follow=True) if text in line.message).message)


@pytest.mark.parametrize("isolation", ["namespaces", "rewrite"])
def test_code_writes_through_its_own_client(tmp_path: Path, isolation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_ISOLATION", isolation)
    with EmbeddedCluster(Options(root=tmp_path / "root", allow_host_images=True)) as cluster:
        client = cluster.client()
        code = tmp_path / "writing.py"
        code.write_text(f"import os\nname = os.environ['PPS_PIPELINE_NAME']\n{WRITING}")
        create(client, f"exec {sys.executable} {code}")
        said(client, "written")
        files = [info.file.path for info in client.list_file(("spout", "master"), "/")]
        assert files == ["/0", "/1"]
        assert [info.origin.kind for info in client.list_commit("spout")] == [pfs_pb2.USER] * 2


def test_code_is_started_again_until_it_ends_well(tmp_path: Path) -> None:
    with impatient_server(tmp_path) as client:
        times = tmp_path / "times"
        create(client, f"echo x >> {times}; n=$(wc -l < {times}); echo run $n; test $n -ge 3 || exit 7")
        said(client, "finished running user code")
        lines = [line.message for line in client.get_pipeline_logs("spout")]
        assert [line for line in lines if line.startswith("run")] == ["run 1", "run 2", "run 3"]
        assert [line.rpartition(": ")[2] for line in lines if line.startswith("errored")] == ["exit status 7"] * 2
        assert next(client.inspect_pipeline("spout")).state == pps_pb2.PIPELINE_RUNNING


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are found in /proc")
def test_code_ends_with_a_killed_server_and_starts_with_the_next(tmp_path: Path) -> None:
    options = Options(root=tmp_path / "root", allow_host_images=True)
    mark = f"sleep 1000.{os.getpid()}"
    with EmbeddedCluster(options) as cluster:
        create(cluster.client(), f"{mark} & echo started; exec {mark}")
        said(cluster.client(), "started")
        first = with_words(mark)
        assert first
        assert cluster.pid is not None
        os.kill(cluster.pid, signal.SIGKILL)
    wait_until_gone(first)
    with EmbeddedCluster(options) as cluster:
        client = cluster.client()
        lines = client.get_pipeline_logs("spout", follow=True)
        starts = (line for line in lines if line.message == "started")
        assert next(starts).job_id == next(starts).job_id == "spout"
        assert with_words(mark)
        client.delete_pipeline("spout")
        wait_until_gone(with_words(mark))
