"""Calls whose requests and answers stay bytes, so that a slow client does not hide what a server costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import wrappers_pb2
from python_pachyderm.pfs import commit_from
from python_pachyderm.proto.v2.pfs import pfs_pb2

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bench.cluster import Running

LARGEST_MESSAGE = 64 * 2**20


class Calls:
    """What is called in rows."""

    def __init__(self, server: Running) -> None:
        self._metadata = [("authn-token", server.token)]
        self._channel = grpc.insecure_channel(
            server.address, options=[("grpc.max_receive_message_length", LARGEST_MESSAGE)]
        )

    def unary(self, method: str, request: Any) -> bytes:
        """One answer."""
        call = self._channel.unary_unary(f"/pfs_v2.API/{method}", type(request).SerializeToString)
        return bytes(call(request, metadata=self._metadata))

    def stream(self, method: str, request: Any) -> Iterator[bytes]:
        """Answers as they come."""
        call = self._channel.unary_stream(f"/pfs_v2.API/{method}", type(request).SerializeToString)
        yield from call(request, metadata=self._metadata)

    def modify_file(self, requests: Iterable[bytes]) -> None:
        """Send a stream of ModifyFileRequests."""
        self._channel.stream_unary("/pfs_v2.API/ModifyFile")(iter(requests), metadata=self._metadata)

    def get_file(self, repo: str, path: str) -> Iterator[bytes]:
        """The pieces of a file at the head of ``master``."""
        for answer in self.stream("GetFile", pfs_pb2.GetFileRequest(file=file(repo, path))):
            yield wrappers_pb2.BytesValue.FromString(answer).value


def file(repo: str, path: str) -> Any:
    """A file at the head of ``master``."""
    return pfs_pb2.File(commit=commit_from((repo, "master")), path=path)
