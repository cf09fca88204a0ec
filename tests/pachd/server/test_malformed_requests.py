"""Requests that no proper client sends: each is refused in words, and the server goes on as before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.protobuf import timestamp_pb2
from python_pachyderm.proto.v2.pfs import pfs_pb2, pfs_pb2_grpc
from python_pachyderm.proto.v2.pps import pps_pb2, pps_pb2_grpc

from harness.clusters import Options, start
from harness.pachd.server import LARGEST_MESSAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECONDS = 60.0
REPO = pfs_pb2.Repo(name="images", type="user")
MASTER = pfs_pb2.Commit(branch=pfs_pb2.Branch(repo=REPO, name="master"))
EXTREMES = (-(2**63), -1, 2**63 - 1)


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with start("embedded", Options(allow_host_images=True)) as cluster:
        connected = cluster.client()
        connected.create_repo("images")
        connected.put_file_bytes(("images", "master"), "/a", b"x")
        yield connected


@pytest.fixture
def pfs(client: Any) -> Any:
    return pfs_pb2_grpc.APIStub(client._channel)


@pytest.fixture
def pps(client: Any) -> Any:
    return pps_pb2_grpc.APIStub(client._channel)


def refusal(call: Callable[[], Any]) -> tuple[grpc.StatusCode, str]:
    """Status and text with which ``call`` fails."""
    with pytest.raises(grpc.RpcError) as error:
        call()
    return error.value.code(), error.value.details()


def asked_of(reference: str) -> Any:
    return pfs_pb2.InspectCommitRequest(commit=pfs_pb2.Commit(branch=pfs_pb2.Branch(repo=REPO), id=reference))


def nested(depth: int) -> bytes:
    """A CreatePipelineRequest whose input is a cross of a cross of ..., so deep that messages cannot build it."""
    cross, field = (
        message.DESCRIPTOR.fields_by_name[name].number
        for message, name in ((pps_pb2.Input, "cross"), (pps_pb2.CreatePipelineRequest, "input"))
    )
    raw = pps_pb2.Input(pfs=pps_pb2.PFSInput(repo="images", glob="/*")).SerializeToString()
    for _ in range(depth):
        raw = tagged(cross, raw)
    transform = pps_pb2.Transform(cmd=["true"], image="host")
    request = pps_pb2.CreatePipelineRequest(pipeline=pps_pb2.Pipeline(name="deep"), transform=transform)
    return bytes(request.SerializeToString()) + tagged(field, raw)


def tagged(field: int, content: bytes) -> bytes:
    """A field of a message, as protobuf encodes those that have a length."""
    return varint(field << 3 | 2) + varint(len(content)) + content


def varint(number: int) -> bytes:
    return bytes([number]) if number < 128 else bytes([number & 127 | 128]) + varint(number >> 7)


@pytest.mark.parametrize("data", [b"\xff", b"\x0a\x05ab", b"\x0a\x04\x0a\x02\xff\xfe"], ids=["tag", "length", "text"])
def test_bytes_that_are_no_message(client: Any, data: bytes) -> None:
    path = "/pfs_v2.API/ListCommit"
    code, text = refusal(lambda: list(client._channel.unary_stream(path)(data, timeout=SECONDS)))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert text.startswith(f"the request of {path[1:]} cannot be read: ")


def test_bytes_that_are_no_message_in_a_stream(client: Any) -> None:
    upload = client._channel.stream_unary("/pfs_v2.API/ModifyFile")
    first = pfs_pb2.ModifyFileRequest(set_commit=MASTER).SerializeToString()
    code, text = refusal(lambda: upload(iter([first, b"\xff"]), timeout=SECONDS))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert text.startswith("the request of pfs_v2.API/ModifyFile cannot be read: ")
    assert len(list(client.list_commit("images"))) == 1


@pytest.mark.parametrize(("depth", "code"), [(40, "UNKNOWN"), (5000, "INVALID_ARGUMENT")])
def test_inputs_in_inputs(client: Any, depth: int, code: str) -> None:
    create = client._channel.unary_unary("/pps_v2.API/CreatePipeline")
    assert refusal(lambda: create(nested(depth), timeout=SECONDS))[0].name == code
    assert list(client.list_pipeline()) == []


@pytest.mark.parametrize("number", EXTREMES)
def test_extreme_numbers(pfs: Any, pps: Any, number: int) -> None:
    file = pfs_pb2.File(commit=MASTER, path="/")
    time = timestamp_pb2.Timestamp(seconds=number)
    for call, request in (
        (pfs.ListCommit, pfs_pb2.ListCommitRequest(repo=REPO, number=number)),
        (pfs.ListCommit, pfs_pb2.ListCommitRequest(repo=REPO, started_time=time)),
        (pfs.ListFile, pfs_pb2.ListFileRequest(file=file, number=number)),
        (pfs.GetFile, pfs_pb2.GetFileRequest(file=file, offset=number)),
        (pps.ListJob, pps_pb2.ListJobRequest(number=number)),
        (pps.ListJob, pps_pb2.ListJobRequest(paginationMarker=time)),
        (pps.ListPipeline, pps_pb2.ListPipelineRequest(history=number)),
        (pps.GetLogs, pps_pb2.GetLogsRequest(tail=number)),
    ):
        assert status(call(request, timeout=SECONDS)) is not grpc.StatusCode.INTERNAL


def status(replies: Any) -> grpc.StatusCode:
    """How a call ends that streams."""
    try:
        for _ in replies:
            pass
    except grpc.RpcError as error:  # replies.code() is not it where python_pachyderm's interceptor raised first
        return error.code()
    return replies.code()


@pytest.mark.parametrize("suffix", ["^" * 100_000, "~" + "9" * 10_000, "." + "9" * 10_000])
def test_far_ancestors(pfs: Any, suffix: str) -> None:
    code, text = refusal(lambda: pfs.InspectCommit(asked_of(f"master{suffix}"), timeout=SECONDS))
    assert code is grpc.StatusCode.NOT_FOUND
    assert text.startswith("commit default/images@master")
    assert text.endswith("...")


@pytest.mark.parametrize("character", ["x", "é", "\n", "%"])
def test_long_names_are_not_told_in_full(client: Any, character: str) -> None:
    code, text = refusal(lambda: client.inspect_repo(character * 1_000_000))
    assert code is grpc.StatusCode.NOT_FOUND
    assert text.startswith("repo default/" + character)
    assert text.endswith("...")


def test_long_names_and_paths(client: Any) -> None:
    client.create_repo("r" * 255)
    for call in (
        lambda: client.create_repo("r" * 256),
        lambda: client.create_branch("images", "b" * 256),
        lambda: client.put_file_bytes(("images", "master"), "/" + "p" * 4096, b"x"),
        lambda: client.put_file_bytes(("images", "master"), "/p" * 100_000, b"x"),
    ):
        code, text = refusal(call)
        assert code is grpc.StatusCode.UNKNOWN
        assert "are the most" in text


def test_an_enumeration_of_later_versions(pfs: Any) -> None:
    assert list(pfs.ListCommit(pfs_pb2.ListCommitRequest(repo=REPO, origin_kind=99), timeout=SECONDS)) == []


def test_much_metadata(pfs: Any) -> None:
    request = pfs_pb2.InspectRepoRequest(repo=REPO)
    code, _ = refusal(lambda: pfs.InspectRepo(request, metadata=[("key", "v" * 100_000)], timeout=SECONDS))
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_a_message_that_is_too_large(client: Any, pfs: Any) -> None:
    request = pfs_pb2.InspectRepoRequest(repo=pfs_pb2.Repo(name="x" * LARGEST_MESSAGE))
    code, text = refusal(lambda: pfs.InspectRepo(request, timeout=SECONDS))
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert str(LARGEST_MESSAGE) in text
    assert client.inspect_repo("images")
