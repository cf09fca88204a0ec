"""Hundreds of calls that wait: others are answered, all are woken, and who leaves gives back what was held."""

from __future__ import annotations

import io
import json
import queue
import tarfile
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from python_pachyderm.proto.v2.debug import debug_pb2
from python_pachyderm.proto.v2.pfs import pfs_pb2, pfs_pb2_grpc

from harness.pachd.errors.server import TOO_MANY_HEALTH_CHECKS, TOO_MANY_WAITS
from harness.pachd.services.rooms import HEALTH, WAITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.pachd.server.conftest import Process

SECONDS = 120.0
MASTER = ("images", "master")
REPO = pfs_pb2.Repo(name="images", type="user")


@contextmanager
def subscribed(client: Any, number: int) -> Iterator[list[Any]]:
    """So many subscriptions that have each told the first commit; cancelled at the end."""
    stub = pfs_pb2_grpc.APIStub(client._channel)
    request = pfs_pb2.SubscribeCommitRequest(repo=REPO, branch="master")
    streams = [stub.SubscribeCommit(request, timeout=SECONDS) for _ in range(number)]
    for stream in streams:
        next(stream)
    yield streams
    for stream in streams:
        stream.cancel()


def state(client: Any) -> Any:
    """What the server says of itself."""
    system = debug_pb2.System(describes=[debug_pb2.App(name="pachd")])
    archive = b"".join(chunk.content.content for chunk in client.dump(system=system))
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return json.loads(tar.extractfile("pachd/server.json").read())  # type: ignore[union-attr]


@pytest.fixture
def server(start: Callable[..., Process]) -> Process:
    process = start()
    client = process.client()
    client.create_repo("images")
    client.put_file_bytes(MASTER, "/a", b"x")
    return process


def test_one_finish_wakes_hundreds(server: Process) -> None:
    client = server.client()
    stub = pfs_pb2_grpc.APIStub(client._channel)
    commit = client.start_commit(*MASTER)
    request = pfs_pb2.InspectCommitRequest(commit=commit, wait=pfs_pb2.FINISHED)
    waiting = [stub.InspectCommit.future(request, timeout=SECONDS) for _ in range(300)]
    with subscribed(client, 300) as streams:
        client.finish_commit(commit)
        assert all(call.result().HasField("finished") for call in waiting)
        assert {next(stream).commit.id for stream in streams} == {commit.id}


def test_who_waits_beyond_the_limit_is_told_so_and_others_are_answered(server: Process) -> None:
    client = server.client()
    with subscribed(client, WAITS):
        with pytest.raises(grpc.RpcError) as refusal:
            next(client.subscribe_commit(*MASTER))
        assert refusal.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert refusal.value.details() == TOO_MANY_WAITS(limit=WAITS).message
        client.put_file_bytes(MASTER, "/b", b"y")
        assert client.get_file(MASTER, "/b").read() == b"y"
        assert [info.repo.name for info in client.list_repo()] == ["images"]


def test_cancelled_streams_give_back_what_they_held(server: Process) -> None:
    client = server.client()
    before = state(client)
    held = []
    for _ in range(2):
        with subscribed(client, 500):
            held.append(state(client))
        deadline = time.monotonic() + SECONDS
        while (left := state(client))["calls"]["waits"]["now"]:
            assert time.monotonic() < deadline, f"waited {SECONDS:.0f} s for cancelled subscriptions to end: {left}"
        assert left["listeners"] == before["listeners"]
    assert [told["calls"]["waits"]["now"] for told in held] == [500, 500]
    assert held[1]["threads"] < held[0]["threads"] + 50  # those of the first round served again


def test_strangers_cannot_take_the_threads(server: Process) -> None:
    check = grpc.insecure_channel(server.said["address"]).stream_unary("/grpc.health.v1.Health/Check")
    ended: queue.Queue[Any] = queue.Queue()
    over = threading.Event()

    def nothing_yet() -> Iterator[bytes]:
        over.wait(SECONDS)
        yield from ()

    calls = [check.future(nothing_yet(), timeout=SECONDS) for _ in range(HEALTH + 1)]
    for call in calls:
        call.add_done_callback(ended.put)
    refused = ended.get(timeout=SECONDS)
    assert refused.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert refused.details() == TOO_MANY_HEALTH_CHECKS(limit=HEALTH).message
    assert server.client().inspect_repo("images")
    over.set()
    for call in calls:
        call.cancel()
