"""``debug_v2.Debug``, through the calls that python_pachyderm and pachctl make."""

from __future__ import annotations

import io
import json
import tarfile
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.protobuf import duration_pb2
from python_pachyderm.proto.v2.debug import debug_pb2, debug_pb2_grpc
from python_pachyderm.proto.v2.pps import pps_pb2, pps_pb2_grpc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.pachd.server.conftest import Process

Level = debug_pb2.SetLogLevelRequest
SECONDS = 20.0


def unpacked(pieces: Iterable[bytes]) -> dict[str, str]:
    """The files of a gzipped tar that came in pieces, none of them empty."""
    held = list(pieces)
    assert all(held)
    with tarfile.open(fileobj=io.BytesIO(b"".join(held)), mode="r:gz") as tar:
        return {entry.name: tar.extractfile(entry).read().decode() for entry in tar}  # type: ignore[union-attr]


def dumped(chunks: Iterable[Any]) -> dict[str, str]:
    """The files of a dump that tells its progress first."""
    held = list(chunks)
    progress = [chunk.progress for chunk in held if chunk.WhichOneof("chunk") == "progress"]
    assert [step.progress for step in progress] == list(range(1, progress[0].total + 1))
    assert held[: len(progress)] == [debug_pb2.DumpChunk(progress=step) for step in progress]
    return unpacked(chunk.content.content for chunk in held[len(progress) :])


def debug(server: Process) -> Any:
    return debug_pb2_grpc.DebugStub(server.client()._channel)


def test_a_dump_says_how_the_server_is(start: Callable[..., Process]) -> None:
    server = start("--token", "very-secret")
    client = server.client()
    client.create_repo("images")
    client.create_pipeline(
        "edges",
        transform=pps_pb2.Transform(cmd=["true"], image="host"),
        input=pps_pb2.Input(pfs=pps_pb2.PFSInput(repo="images", glob="/*")),
    )
    files = dumped(client.dump())
    assert json.loads(files["pachd/version.json"])["packages"]["python-pachyderm"] == "7.6.0"
    assert json.loads(files["pachd/database.json"])["rows"]["repos"] == 4
    state = json.loads(files["pachd/server.json"])
    assert state["pid"] == server.said["pid"]
    assert state["settings"]["root"] == server.said["root"]
    assert state["calls"]["streams"]["now"] == 1  # this very one
    (pipeline,) = json.loads(files["pachd/pipelines.json"])["pipelines"]
    assert pipeline["pipeline"] == "default/edges"
    assert "in DumpV2" in files["pachd/threads.txt"]
    assert not any("very-secret" in text for text in files.values())


def test_a_dump_holds_what_was_asked_for(start: Callable[..., Process]) -> None:
    stub = debug(start())
    assert set(dumped(stub.DumpV2(debug_pb2.DumpV2Request(system=debug_pb2.System(version=True))))) == {
        "pachd/version.json"
    }
    request = debug_pb2.DumpRequest(filter=debug_pb2.Filter(database=True))
    assert set(unpacked(each.value for each in stub.Dump(request))) == {"pachd/database.json"}
    everything = unpacked(each.value for each in stub.Dump(debug_pb2.DumpRequest()))
    assert set(everything) == set(dumped(stub.DumpV2(debug_pb2.DumpV2Request())))


def test_the_log_level_holds_for_as_long_as_asked(start: Callable[..., Process]) -> None:
    server = start()
    client, stub = server.client(), debug(server)
    reply = stub.SetLogLevel(Level(pachyderm=Level.DEBUG, duration=duration_pb2.Duration(seconds=3600)))
    assert (reply.affected_pods, reply.errored_pods) == (["pachd"], [])
    client.inspect_cluster()
    assert "DEBUG harness.pachd.services.wire" in log(client)
    stub.SetLogLevel(Level(pachyderm=Level.INFO, duration=duration_pb2.Duration(nanos=1000)))
    before = log(client).count("admin_v2.API/InspectCluster")
    client.inspect_cluster()
    assert log(client).count("admin_v2.API/InspectCluster") == before


def log(client: Any) -> str:
    return dumped(client.dump(system=debug_pb2.System(logs=[debug_pb2.App(name="pachd")])))["pachd/server.log"]


def test_the_log_is_also_told_by_get_logs(start: Callable[..., Process]) -> None:
    server = start()
    client = server.client()
    debug(server).SetLogLevel(Level(pachyderm=Level.DEBUG))
    client.inspect_cluster()
    lines = pps_pb2_grpc.APIStub(client._channel).GetLogs(pps_pb2.GetLogsRequest(tail=2), timeout=SECONDS)
    called, this = (line.message for line in lines)
    assert called.endswith("admin_v2.API/InspectCluster")
    assert this.endswith("pps_v2.API/GetLogs")


def test_log_levels_that_make_no_sense_are_refused(start: Callable[..., Process]) -> None:
    stub = debug(start())
    for request, text in (
        (Level(), "the levels are DEBUG, INFO, ERROR, OFF"),
        (Level(pachyderm=17), "the levels are DEBUG, INFO, ERROR, OFF"),
        (Level(grpc=Level.INFO, duration=duration_pb2.Duration(seconds=-1)), "cannot be negative"),
    ):
        with pytest.raises(grpc.RpcError, match=text) as refusal:
            stub.SetLogLevel(request)
        assert refusal.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_a_profile_tells_where_processor_time_went(start: Callable[..., Process]) -> None:
    server = start()
    client = server.client()
    client.create_repo("images")
    request = debug_pb2.ProfileRequest(
        profile=debug_pb2.Profile(name="cpu", duration=duration_pb2.Duration(nanos=500_000_000))
    )
    with ThreadPoolExecutor(1) as pool:
        profile = pool.submit(list, debug(server).Profile(request, timeout=SECONDS))
        while not profile.done():
            client.inspect_repo("images")
    folded = unpacked(each.value for each in profile.result())["pachd/cpu"]
    assert "InspectRepo" in folded
    assert all(int(line.rsplit(" ", 1)[1]) > 0 for line in folded.splitlines())


def test_threads_can_be_looked_at(start: Callable[..., Process]) -> None:
    request = debug_pb2.ProfileRequest(profile=debug_pb2.Profile(name="goroutine"))
    stacks = unpacked(each.value for each in debug(start()).Profile(request))["pachd/goroutine"]
    assert "MainThread" in stacks
    assert "in Profile" in stacks


def test_python_pachyderm_can_profile(start: Callable[..., Process]) -> None:
    assert "pachd/cpu" in unpacked(start().client().profile_cpu(duration_pb2.Duration(nanos=1)))


def test_the_program_can_be_fetched(start: Callable[..., Process]) -> None:
    assert "def main(" in unpacked(start().client().binary())["harness/pachd/__main__.py"]


def test_what_there_is_not_is_refused(start: Callable[..., Process]) -> None:
    stub = debug(start())
    worker = debug_pb2.Filter(worker=debug_pb2.Worker(pod="w"))
    for call, request, code in (
        (stub.Profile, debug_pb2.ProfileRequest(profile=debug_pb2.Profile(name="heap")), grpc.StatusCode.UNKNOWN),
        (stub.Profile, debug_pb2.ProfileRequest(filter=worker), grpc.StatusCode.UNIMPLEMENTED),
        (stub.Binary, debug_pb2.BinaryRequest(filter=worker), grpc.StatusCode.UNIMPLEMENTED),
        (stub.Dump, debug_pb2.DumpRequest(filter=worker), grpc.StatusCode.UNIMPLEMENTED),
    ):
        with pytest.raises(grpc.RpcError) as refusal:
            list(call(request))
        assert refusal.value.code() == code
