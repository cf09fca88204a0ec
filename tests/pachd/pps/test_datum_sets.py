"""Datum sets, the units of work that workers take: how datums are cut into them, and what becomes of a lost one."""

from __future__ import annotations

import os
import signal
import sys
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_pachyderm.proto.v2.pps import pps_pb2

from harness.clusters import Options
from harness.clusters.embedded import EmbeddedCluster
from harness.pachd.pps.partition import lengths
from tests.pachd.pps.test_workers_lost import workers_of

if TYPE_CHECKING:
    from pathlib import Path

SMALL = st.integers(0, 20)


@given(st.lists(SMALL), SMALL, SMALL, SMALL, st.integers(1, 4))
def test_sets_are_closed_as_the_spec_says(
    sizes: list[int], number: int, size_bytes: int, per_worker: int, workers: int
) -> None:
    spec = pps_pb2.DatumSetSpec(number=number, size_bytes=size_bytes, per_worker=per_worker)
    cuts = list(lengths(spec, sizes, len(sizes), workers))
    assert sum(cuts) == len(sizes)
    left = iter(sizes)
    sets = [list(islice(left, length)) for length in cuts]
    most = number
    if not number and not size_bytes:
        most = max(len(sizes) // (workers * (per_worker or 4)), 1)
    for each in sets:
        assert not most or len(each) <= most
        assert not size_bytes or sum(each[:-1]) < size_bytes
    for each in sets[:-1]:
        assert len(each) == most or (size_bytes and sum(each) >= size_bytes)


def create(client: Any, script: str, spec: Any) -> None:
    client.create_pipeline_from_request(
        pps_pb2.CreatePipelineRequest(
            pipeline=pps_pb2.Pipeline(name="p"),
            transform=pps_pb2.Transform(cmd=["sh"], stdin=[script], image="host"),
            input=pps_pb2.Input(pfs=pps_pb2.PFSInput(repo="data", glob="/*")),
            datum_set_spec=spec,
        )
    )


def put(client: Any, names: str) -> None:
    client.create_repo("data")
    with client.commit("data", "master") as commit:
        for name in names:
            client.put_file_bytes(commit, f"/{name}", b"12345")


@pytest.mark.parametrize(
    ("spec", "sets"),
    [
        ({}, 4),
        ({"number": 3}, 3),
        ({"size_bytes": 10}, 4),
        ({"per_worker": 2}, 2),
    ],
    ids=str,
)
def test_workers_take_whole_sets(tmp_path: Path, spec: dict[str, int], sets: int) -> None:
    with EmbeddedCluster(Options(root=tmp_path, allow_host_images=True)) as cluster:
        client = cluster.client()
        put(client, "abcdefgh")
        create(client, "true", pps_pb2.DatumSetSpec(**spec))
        [job] = client.list_job("p")
        info = next(client.inspect_job(job.job.id, "p", wait=True))
        assert (info.state, info.data_processed) == (pps_pb2.JOB_SUCCESS, 8)
        lines = [line.message for line in client.get_job_logs("p", job.job.id)]
        assert lines.count("started process datum set task") == lines.count("finished process datum set task") == sets
        assert lines.count("beginning to run user code") == 8


@pytest.mark.skipif(sys.platform != "linux", reason="finds the workers through /proc")
def test_what_is_left_of_a_lost_workers_set_is_done_by_another(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    script = f'basename "$data" >> {ran}; echo $data; test $(wc -l < {ran}) != 2 || sleep 600'
    with EmbeddedCluster(Options(root=tmp_path / "root", allow_host_images=True)) as cluster:
        client = cluster.client()
        put(client, "abc")
        create(client, script, pps_pb2.DatumSetSpec(number=3))
        next(line for line in client.get_pipeline_logs("p", follow=True) if line.user and line.message.endswith("/b"))
        for worker in workers_of(cluster.pid):
            os.kill(worker, signal.SIGKILL)
        [job] = client.list_job("p")
        info = next(client.inspect_job(job.job.id, "p", wait=True))
        assert (info.state, info.data_processed, info.restart) == (pps_pb2.JOB_SUCCESS, 3, 0)
        assert ran.read_text().split() == ["a", "b", "b", "c"]
