"""What the embedded cluster does not have is refused in words, before anything happens."""

from __future__ import annotations

from typing import Any

from grpc import StatusCode
from python_pachyderm.proto.v2.pfs import pfs_pb2


def test_urls(client: Any, repo: str, refused: Any) -> None:
    text = (
        "https://example.org/x: transfers to and from URLs are not implemented by the embedded cluster; "
        "docs/compatibility.md lists what is"
    )
    with refused(StatusCode.UNIMPLEMENTED, text):
        client.put_file_url((repo, "master"), "/x", "https://example.org/x")
    assert list(client.list_branch(repo)) == []


def test_load_tests(pfs: Any, refused: Any) -> None:
    text = "RunLoadTest and RunLoadTestDefault are not implemented by the embedded cluster; bench/ measures it"
    with refused(StatusCode.UNIMPLEMENTED, text):
        pfs.RunLoadTest(pfs_pb2.RunLoadTestRequest())
