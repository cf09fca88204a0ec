"""Uploads that end before their client meant them to: nothing of them is kept."""

from __future__ import annotations

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from grpc import StatusCode
from python_pachyderm.proto.v2.pfs import pfs_pb2

from tests.conformance.pfs.messages import add, into, paths

if TYPE_CHECKING:
    from collections.abc import Iterator

UPLOADS = 60


class Breaking(io.BytesIO):
    """A file that cannot be read to its end."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise OSError("gone")
        return super().read(size and 1)


@pytest.fixture
def closed(client: Any, repo: str) -> Iterator[str]:
    """A repo whose ``master`` has one commit with one file, before and after."""
    client.put_file_bytes((repo, "master"), "/kept", b"1")
    yield repo
    client.put_file_bytes((repo, "master"), "/last", b"1")
    assert paths(client.walk_file((repo, "master"), "/")) == ["/", "/kept", "/last"]
    assert len(list(client.list_commit(repo))) == 2


def test_a_source_that_fails(client: Any, closed: str) -> None:
    def upload(number: int) -> None:
        with pytest.raises(grpc.RpcError):
            client.put_file_bytes((closed, "master"), f"/{number}", Breaking(b"12"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(upload, range(UPLOADS)))


def test_a_client_that_changes_its_mind(pfs: Any, closed: str) -> None:
    for number in range(UPLOADS):
        sent, ended = threading.Event(), threading.Event()

        def operations(path: str = f"/{number}", sent: Any = sent, ended: Any = ended) -> Iterator[Any]:
            yield into(closed)
            yield add(path, b"1")
            sent.set()
            ended.wait()

        call = pfs.ModifyFile.future(operations())
        assert sent.wait(60)
        call.cancel()
        ended.set()
        assert call.code() is StatusCode.CANCELLED


def test_an_operation_that_fails(client: Any, pfs: Any, closed: str, refused: Any) -> None:
    """Whatever came before it, in the same stream, into a commit that is open."""
    commit = client.start_commit(closed, "master")
    bad = [
        (into(closed), "cannot set commit"),
        (pfs_pb2.ModifyFileRequest(), "unrecognized message type"),
        (add("/a+", b""), "path (/a+) invalid: globbing character (+) not allowed in path"),
    ]
    for operation, text in bad:
        with refused(StatusCode.UNKNOWN, text):
            pfs.ModifyFile(iter([into(closed), add("/early", b"1"), operation, add("/late", b"1")]))
    assert paths(client.list_file(commit, "/")) == ["/kept"]
    client.drop_commit(commit.id)
