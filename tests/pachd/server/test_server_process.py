"""The server process: what it announces, whom it lets in, how it stops."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pytest
import python_pachyderm
from python_pachyderm.proto.v2.pfs import pfs_pb2
from python_pachyderm.proto.v2.pps import pps_pb2, pps_pb2_grpc

from harness.pachd.errors.server import NO_TOKEN, SHUTTING_DOWN, WRONG_TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.pachd.errors import Kind
    from tests.pachd.server.conftest import Process

DEADLINE = 30.0


def test_announced_server_answers_as_pachyderm_2_7(start: Callable[..., Process]) -> None:
    server = start()
    version = server.client().get_remote_version()
    assert (version.major, version.minor, version.additional) == (2, 7, "")
    assert server.said["pid"] == server.popen.pid


@pytest.mark.parametrize(("token", "said"), [("not it", WRONG_TOKEN), (None, NO_TOKEN)])
def test_calls_without_the_token_are_refused_with_what_to_do(
    start: Callable[..., Process], token: str | None, said: Kind
) -> None:
    server = start()
    host, port = server.said["address"].split(":")
    with pytest.raises(grpc.RpcError) as refusal:
        python_pachyderm.Client(host, int(port), auth_token=token).create_repo("images")
    assert (refusal.value.code(), refusal.value.details()) == (grpc.StatusCode.UNAUTHENTICATED, said().message)
    assert "--token" in WRONG_TOKEN.template
    assert "--no-token" in NO_TOKEN.template
    assert list(server.client().list_repo()) == []


def test_streaming_calls_without_the_token_are_refused_too(start: Callable[..., Process]) -> None:
    server = start()
    stranger = server.client(token="not it")
    with pytest.raises(grpc.RpcError) as refusal:
        stranger.put_file_bytes(("images", "master"), "/f", b"x")
    assert refusal.value.code() == grpc.StatusCode.UNAUTHENTICATED


def test_no_token_lets_everybody_in(start: Callable[..., Process]) -> None:
    server = start("--no-token")
    assert server.said["token"] is None
    host, port = server.said["address"].split(":")
    python_pachyderm.Client(host, int(port)).create_repo("images")


def test_what_is_not_implemented_says_its_name(start: Callable[..., Process]) -> None:
    server = start("--no-token")
    stub = pps_pb2_grpc.APIStub(grpc.insecure_channel(server.said["address"]))
    with pytest.raises(grpc.RpcError) as refusal:
        stub.RunLoadTest(pps_pb2.RunLoadTestRequest())
    assert refusal.value.code() == grpc.StatusCode.UNIMPLEMENTED
    assert "RunLoadTest" in refusal.value.details()


def test_auth_is_not_activated(start: Callable[..., Process]) -> None:
    with pytest.raises(grpc.RpcError, match="the auth service is not activated") as refusal:
        start().client().who_am_i()
    assert refusal.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_clients_of_1_x_learn_why_nothing_answers(start: Callable[..., Process]) -> None:
    server = start("--no-token")
    channel = grpc.insecure_channel(server.said["address"])
    with pytest.raises(grpc.RpcError) as refusal:
        channel.unary_unary("/pfs.API/ListRepo")(b"")
    assert refusal.value.code() == grpc.StatusCode.UNKNOWN
    assert "appears to be an older version" in refusal.value.details()


def test_everything_can_be_deleted(start: Callable[..., Process]) -> None:
    client = start().client()
    client.create_repo("images")
    client.delete_all()
    assert list(client.list_repo()) == []


def test_cluster_keeps_its_identity_over_a_restart(start: Callable[..., Process]) -> None:
    first = start()
    identity = first.client().inspect_cluster().deployment_id
    assert first.stop() == 0
    assert start().client().inspect_cluster().deployment_id == identity != ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_stop_it_cleanly(start: Callable[..., Process], number: signal.Signals) -> None:
    server = start()
    server.popen.send_signal(number)
    assert server.popen.wait(DEADLINE) == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems' threads have no process ids")
def test_a_signal_may_reach_any_thread(start: Callable[..., Process]) -> None:
    server = start()
    assert server.client().health_check().status == 1  # by now its main thread sleeps
    threads = {int(thread.name) for thread in Path(f"/proc/{server.popen.pid}/task").iterdir()} - {server.popen.pid}
    os.kill(max(threads), signal.SIGTERM)  # Linux prefers the thread that is named, and tells the whole process
    assert server.popen.wait(DEADLINE) == 0


def streams(client: Any) -> dict[str, Any]:
    """Streams that have given what there was, by what they wait for."""
    with client.commit("images", "master") as first:
        pass
    client.create_pipeline(
        "copy",
        transform=pps_pb2.Transform(cmd=["true"], image="host"),
        input=pps_pb2.Input(pfs=pps_pb2.PFSInput(repo="images", glob="/")),
    )
    client.start_commit("images", "master")
    pps, copy = pps_pb2_grpc.APIStub(client._channel), pps_pb2.Pipeline(name="copy")
    begun = {
        "a commit": client.subscribe_commit("images", "master"),
        "the end of a commit": client.subscribe_commit("images", "master", state=pfs_pb2.CommitState.FINISHED),
        "a job": pps.SubscribeJob(pps_pb2.SubscribeJobRequest(pipeline=copy)),
        "a line": pps.GetLogs(pps_pb2.GetLogsRequest(pipeline=copy, follow=True)),
    }
    assert next(begun["a commit"]).commit.id == next(begun["the end of a commit"]).commit.id == first.id
    next(begun["a commit"]), next(begun["a job"]), next(begun["a line"])
    return begun


def test_who_waits_when_it_stops_is_told_why(start: Callable[..., Process]) -> None:
    server = start()
    client = server.client()
    client.create_repo("images")
    calls = streams(client)
    server.popen.terminate()
    for what, call in calls.items():
        with pytest.raises(grpc.RpcError) as end:
            list(call)
        assert (end.value.code(), end.value.details()) == (grpc.StatusCode.UNAVAILABLE, SHUTTING_DOWN().message), what
    assert server.popen.wait(DEADLINE) == 0


def test_it_ends_with_who_started_it(start: Callable[..., Process]) -> None:
    server = start()
    assert server.popen.stdin is not None
    server.popen.stdin.close()
    assert server.popen.wait(DEADLINE) == 0


def test_pipelines_do_not_inherit_the_token(start: Callable[..., Process], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_TOKEN", "secret")
    server = start()
    assert server.said["token"] == "secret"
    client = server.client()
    client.create_repo("in")
    client.put_file_bytes(("in", "master"), "/f", b"x")
    client.create_pipeline(
        "spy",
        transform=pps_pb2.Transform(cmd=["sh"], stdin=["echo ${HARNESS_TOKEN-none} > /pfs/out/f"], image="host"),
        input=pps_pb2.Input(pfs=pps_pb2.PFSInput(repo="in", glob="/*")),
    )
    (job,) = client.list_job("spy")
    next(client.inspect_job(job.job.id, "spy", wait=True))
    assert client.get_file(("spy", "master"), "/f").read() == b"none\n"
