"""What others than the cluster's own workers may say of a job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from python_pachyderm.proto.v2.pps import pps_pb2, pps_pb2_grpc

from harness.clusters import Options
from harness.clusters.embedded import EmbeddedCluster

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with EmbeddedCluster(Options(allow_host_images=True)) as cluster:
        yield cluster.client()


@pytest.fixture
def job(client: Any) -> Iterator[Any]:
    """A job that waits for its input."""
    client.create_repo("data")
    client.start_commit("data", "master")
    client.create_pipeline_from_request(
        pps_pb2.CreatePipelineRequest(
            pipeline=pps_pb2.Pipeline(name="copy"),
            transform=pps_pb2.Transform(cmd=["true"], image="host"),
            input=pps_pb2.Input(pfs=pps_pb2.PFSInput(repo="data", glob="/")),
        )
    )
    yield next(client.list_job("copy")).job
    client.delete_all_pipelines()
    client.delete_all_repos()


@pytest.mark.parametrize(
    ("state", "code"),
    [(pps_pb2.JOB_SUCCESS, grpc.StatusCode.FAILED_PRECONDITION), (99, grpc.StatusCode.UNKNOWN)],
)
def test_states_that_only_the_cluster_knows(client: Any, job: Any, state: int, code: grpc.StatusCode) -> None:
    with pytest.raises(grpc.RpcError) as refusal:
        update(client, job=job, state=state)
    assert refusal.value.code() == code
    assert not next(client.inspect_job(job.id, "copy")).HasField("finished")


def test_a_bad_end_always_has_a_reason(client: Any, job: Any) -> None:
    """Without one its commits would count as good, and later jobs would build on them."""
    update(client, job=job, state=pps_pb2.JOB_KILLED)
    info = next(client.inspect_job(job.id, "copy", wait=True))
    assert (info.state, info.reason) == (pps_pb2.JOB_KILLED, "job killed")
    assert next(client.inspect_commit(("copy", job.id))).error == "job killed"


def update(client: Any, **fields: Any) -> None:
    pps_pb2_grpc.APIStub(client._channel).UpdateJobState(pps_pb2.UpdateJobStateRequest(**fields))
