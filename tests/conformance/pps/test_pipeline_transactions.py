"""Pipelines and jobs in transactions: graphs made in one go, jobs once at the end, stops that wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from python_pachyderm.proto.v2.pps import pps_pb2
from python_pachyderm.proto.v2.transaction import transaction_pb2

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conformance.pps.conftest import Lab

COPY = "cp /pfs/*/* /pfs/out/ 2>/dev/null || true"
FOREVER = "sleep 600"


def spec(name: str, shell: str, *repos: str, update: bool = False) -> Any:
    leaves = [pps_pb2.Input(pfs=pps_pb2.PFSInput(repo=repo, glob="/")) for repo in repos]
    return pps_pb2.CreatePipelineRequest(
        pipeline=pps_pb2.Pipeline(name=name),
        transform=pps_pb2.Transform(cmd=["sh"], stdin=[shell], image="ubuntu:20.04"),
        input=leaves[0] if len(leaves) == 1 else pps_pb2.Input(cross=leaves),
        update=update,
    )


def jobs(lab: Lab) -> set[tuple[str, str]]:
    return {(info.job.pipeline.name, info.job.id) for name in names(lab) for info in lab.client.list_job(name)}


def names(lab: Lab) -> list[str]:
    return [info.pipeline.name for info in lab.client.list_pipeline()]


def test_a_graph_in_one_transaction_has_one_job_a_pipeline(lab: Lab) -> None:
    client = lab.client
    with client.transaction() as transaction:
        client.create_repo("data")
        client.start_commit("data", "master")
        client.create_pipeline_from_request(spec("first", COPY, "data"))
        client.create_pipeline_from_request(spec("second", COPY, "first"))
        assert names(lab) == [] == list(client.list_repo())
    assert jobs(lab) == {("first", transaction.id), ("second", transaction.id)}
    client.put_file_bytes(("data", transaction.id), "/a", b"x")
    client.finish_commit(("data", transaction.id))
    infos = {(info.commit.repo.name, info.commit.repo.type): info for info in client.wait_commit(transaction.id)}
    assert {info.commit.id for info in infos.values()} == {transaction.id}
    assert len(infos) == 7
    assert lab.files("second", transaction.id) == {"/a": "x"}


def test_two_inputs_of_one_transaction_make_one_job(lab: Lab) -> None:
    for repo in ("left", "right"):
        lab.put(repo, {})
    first = lab.create("both", COPY, ("left", "/"), ("right", "/"))
    with lab.client.transaction() as transaction:
        for repo in ("left", "right"):
            lab.client.start_commit(repo, "master")
            lab.client.finish_commit((repo, "master"))
    assert jobs(lab) == {("both", first), ("both", transaction.id)}
    info = lab.wait("both", transaction.id)
    output = next(lab.client.inspect_commit(("both", info.job.id)))
    assert {up.id for up in output.direct_provenance if up.repo.type == "user"} == {transaction.id}


def test_a_repo_makes_room_for_a_pipeline(lab: Lab) -> None:
    for repo in ("data", "copy"):
        lab.put(repo, {"/a": repo})
    with lab.client.transaction() as transaction:
        lab.client.delete_repo("copy")
        lab.client.create_pipeline_from_request(spec("copy", COPY, "data"))
    assert lab.wait("copy", transaction.id).state == pps_pb2.JOB_SUCCESS
    assert lab.files("copy") == {"/a": "data"}


def test_updates_of_one_transaction_share_its_jobs(lab: Lab) -> None:
    lab.put("data", {"/a": "x"})
    for name, source in (("first", "data"), ("second", "first")):
        lab.create(name, COPY, (source, "/"))
    with lab.client.transaction() as transaction:
        for name, source in (("first", "data"), ("second", "first")):
            lab.client.create_pipeline_from_request(spec(name, COPY, source, update=True))
    assert {info.version for info in lab.client.list_pipeline()} == {2}
    assert jobs(lab) == {("first", transaction.id), ("second", transaction.id)}, "list_job tells those of this version"
    assert lab.wait("second", transaction.id).state == pps_pb2.JOB_SUCCESS


def test_a_refused_pipeline_takes_its_batch_along(lab: Lab, refused: Any) -> None:
    lab.put("data", {"/a": "x"})
    requests = [
        transaction_pb2.TransactionRequest(create_pipeline=pipeline)
        for pipeline in (spec("good", COPY, "data"), spec("bad", COPY, "nowhere"))
    ]
    with refused(grpc.StatusCode.NOT_FOUND, "error running request 2 of 2: repo default/nowhere not found"):
        lab.client.batch_transaction(requests)
    assert names(lab) == []
    assert [info.repo.name for info in lab.client.list_repo()] == ["data"]


def test_a_pipeline_whose_transaction_is_deleted_never_was(lab: Lab) -> None:
    lab.put("data", {"/a": "x"})
    transaction = lab.client.start_transaction()
    lab.client.transaction_id = transaction.id
    lab.client.create_pipeline_from_request(spec("never", COPY, "data"))
    lab.client.transaction_id = None
    (request,) = lab.client.inspect_transaction(transaction).requests
    assert request.create_pipeline.pipeline.name == "never"
    lab.client.delete_transaction(transaction)
    assert names(lab) == []
    assert [info.repo.name for info in lab.client.list_repo()] == ["data"]


def test_jobs_are_stopped_when_the_transaction_is_finished(lab: Lab) -> None:
    """As ``pachctl stop job <id>`` does it."""
    lab.put("data", {"/a": "x"})
    running = [(name, lab.create(name, FOREVER, ("data", "/"))) for name in ("first", "second")]
    with lab.client.transaction():
        for name, id_ in running:
            lab.client.stop_job(id_, name, reason="enough")
        assert not any(next(lab.client.inspect_job(id_, name)).HasField("finished") for name, id_ in running)
    for name, id_ in running:
        info = lab.wait(name, id_)
        assert (info.state, info.reason) == (pps_pb2.JOB_KILLED, "enough")


class TestUpdateJobState:
    @pytest.fixture
    def job(self, lab: Lab) -> Any:
        """A job that does not start: its input is open."""
        lab.client.create_repo("data")
        lab.client.start_commit("data", "master")
        id_ = lab.create("copy", COPY, ("data", "/"))
        return next(lab.client.inspect_job(id_, "copy")).job

    @pytest.fixture
    def update(self, pps: Any) -> Callable[..., Any]:
        return lambda **fields: pps.UpdateJobState(pps_pb2.UpdateJobStateRequest(**fields))

    def test_what_a_worker_says_is_shown(self, lab: Lab, job: Any, update: Callable[..., Any]) -> None:
        stats = pps_pb2.ProcessStats(upload_bytes=7, process_time={"seconds": 3, "nanos": 5})
        # The state that the cluster brings the job to by itself.
        update(job=job, state=pps_pb2.JOB_STARTING, restart=2, data_total=9, data_processed=4, stats=stats)
        info = next(lab.client.inspect_job(job.id, "copy"))
        assert (info.state, info.restart, info.data_total, info.data_processed) == (pps_pb2.JOB_STARTING, 2, 9, 4)
        assert (info.stats.upload_bytes, info.stats.process_time) == (7, stats.process_time)

    def test_a_job_that_has_ended_stays_as_it_is(self, lab: Lab, job: Any, update: Callable[..., Any]) -> None:
        update(job=job, state=pps_pb2.JOB_FAILURE, reason="because")
        info = lab.wait("copy", job.id)
        assert (info.state, info.reason) == (pps_pb2.JOB_FAILURE, "because")
        with pytest.raises(grpc.RpcError, match="has already finished"):
            update(job=job, state=pps_pb2.JOB_RUNNING)

    def test_it_waits_for_its_transaction(self, lab: Lab, job: Any) -> None:
        request = pps_pb2.UpdateJobStateRequest(job=job, state=pps_pb2.JOB_FAILURE, reason="because")
        info = lab.client.batch_transaction([transaction_pb2.TransactionRequest(update_job_state=request)])
        assert len(info.responses) == 1
        assert lab.wait("copy", job.id).reason == "because"
