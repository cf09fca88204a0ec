"""A server that is killed while jobs run takes them up where they were."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import pytest
from python_pachyderm.proto.v2.pps import pps_pb2

from harness.clusters import Options
from harness.clusters.embedded import EmbeddedCluster

if TYPE_CHECKING:
    from pathlib import Path

# Notes each run; the datum of file z then waits, and says so, until it may go on.
SCRIPT = """
cd {folder}
basename "$data" >> ran
while test $(basename "$data") = z -a ! -e go; do echo waiting; sleep 0.05; done
cp "$data" /pfs/out/
"""


def wait_for_datums(client: Any, number: int) -> None:
    """Follow the log until so many datums are counted as processed."""
    for _ in client.get_pipeline_logs("copy", follow=True):
        info = next(iter(client.list_job("copy")))
        if info.data_processed == number:
            return


@pytest.mark.parametrize(
    ("number", "in_a_set"), [(signal.SIGKILL, 1), (signal.SIGTERM, 1), (signal.SIGKILL, 3)], ids=str
)
def test_datums_that_were_recorded_do_not_run_again(tmp_path: Path, number: int, in_a_set: int) -> None:
    options = Options(root=tmp_path / "root", allow_host_images=True)
    work = tmp_path / "work"
    work.mkdir()
    with EmbeddedCluster(options) as cluster:
        client = cluster.client()
        client.create_repo("data")
        with client.commit("data", "master") as commit:
            for name in "abz":
                client.put_file_bytes(commit, f"/{name}", name.encode())
        client.create_pipeline_from_request(
            pps_pb2.CreatePipelineRequest(
                pipeline=pps_pb2.Pipeline(name="copy"),
                transform=pps_pb2.Transform(cmd=["sh"], stdin=SCRIPT.format(folder=work).splitlines(), image="host"),
                input=pps_pb2.Input(pfs=pps_pb2.PFSInput(repo="data", glob="/*")),
                datum_set_spec=pps_pb2.DatumSetSpec(number=in_a_set),
            )
        )
        wait_for_datums(client, 2)
        assert cluster.pid is not None
        os.kill(cluster.pid, number)
    (work / "go").touch()
    with EmbeddedCluster(options) as cluster:
        client = cluster.client()
        [info] = client.list_job("copy")
        info = next(client.inspect_job(info.job.id, "copy", wait=True))
        assert (info.state, info.restart) == (pps_pb2.JOB_SUCCESS, 0)
        assert (info.data_processed, info.data_total) == (3, 3)
        assert [file.file.path for file in client.list_file(("copy", "master"), "/")] == ["/a", "/b", "/z"]
        ran = (work / "ran").read_text().splitlines()
        assert sorted(set(ran)) == ["a", "b", "z"]
        assert [ran.count(name) for name in "ab"] == [1, 1]
