"""Numbers in specs that no machine has: refused when the pipeline is made, or without effect."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from python_pachyderm.proto.v2.pps import pps_pb2

from harness.clusters import EmbeddedCluster, Options

if TYPE_CHECKING:
    from collections.abc import Iterator

CENTURIES = 2**63 // 10**9 - 10  # seconds


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with EmbeddedCluster(Options(allow_host_images=True)) as cluster:
        client = cluster.client()
        client.create_repo("data")
        with client.commit("data", "master") as commit:
            for name in "abc":
                client.put_file_bytes(commit, f"/{name}", b"x")
        yield client


def create(client: Any, name: str, **fields: Any) -> None:
    leaf = pps_pb2.PFSInput(repo="data", glob="/*")
    request = pps_pb2.CreatePipelineRequest(
        pipeline=pps_pb2.Pipeline(name=name),
        transform=pps_pb2.Transform(cmd=["true"], image="host"),
        input=pps_pb2.Input(pfs=leaf),
        **fields,
    )
    client.create_pipeline_from_request(request)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"parallelism_spec": {"constant": 2**63}}, "parallelism_spec.constant is more than 2147483647"),
        ({"datum_timeout": {"seconds": 2**62}}, "datum_timeout does not fit into 64 bits of nanoseconds"),
        ({"job_timeout": {"seconds": CENTURIES + 1}}, "job_timeout does not fit into 64 bits of nanoseconds"),
        ({"job_timeout": {"seconds": 1, "nanos": -1}}, "malformed pipeline spec: "),
        ({"pod_spec": "[" * 100_000}, "malformed PodSpec"),
    ],
)
def test_what_cannot_be_kept_is_refused(client: Any, fields: dict[str, Any], text: str) -> None:
    with pytest.raises(grpc.RpcError, match=text):
        create(client, "p", **fields)
    assert list(client.list_pipeline()) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"parallelism_spec": {"constant": 2**31 - 1}},
        {"datum_timeout": {"seconds": CENTURIES}, "job_timeout": {"seconds": CENTURIES}},
        {"datum_set_spec": {"number": 2**63 - 1}},
        {"datum_set_spec": {"number": -1, "size_bytes": -1, "per_worker": -1}},
        {"datum_tries": -(2**63)},
        {"resource_limits": {"memory": "a lot", "cpu": float("nan")}},
    ],
)
def test_what_makes_no_sense_does_no_harm(client: Any, fields: dict[str, Any]) -> None:
    create(client, "p", **fields)
    try:
        [info] = client.list_job("p")
        info = next(client.inspect_job(info.job.id, "p", wait=True))
        assert (info.state, info.data_processed, info.reason) == (pps_pb2.JOB_SUCCESS, 3, "")
        assert len(list(client.list_pipeline(jqFilter="."))) == 1
    finally:
        client.delete_pipeline("p")


def test_a_million_workers_are_as_many_as_one_machine_can_use(client: Any) -> None:
    create(client, "p", parallelism_spec={"constant": 10**6})
    try:
        [job] = client.list_job("p")
        next(client.inspect_job(job.job.id, "p", wait=True))
        details = next(client.inspect_pipeline("p", details=True)).details
        assert details.workers_requested == 10**6
        assert details.workers_available == max(64, 8 * (os.cpu_count() or 1))
    finally:
        client.delete_pipeline("p")
