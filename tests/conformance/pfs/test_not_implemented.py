"""What the embedded cluster does not have is refused in words, before anything happens."""

from __future__ import annotations

from typing import Any

import pytest
from grpc import StatusCode
from python_pachyderm.proto.v2.pfs import pfs_pb2


@pytest.mark.parametrize(
    ("url", "code", "text"),
    [
        ("file:///etc/hostname", StatusCode.UNKNOWN, "the server's own files can be neither read nor written by URL"),
        (
            "gs://bucket/x",
            StatusCode.UNIMPLEMENTED,
            "the embedded cluster has no access to gs; it has to http(s) and s3",
        ),
    ],
)
def test_urls(client: Any, repo: str, refused: Any, url: str, code: StatusCode, text: str) -> None:
    with refused(code, f"{url}: {text}"):
        client.put_file_url((repo, "master"), "/x", url)
    assert list(client.list_branch(repo)) == []


def test_load_tests(pfs: Any, refused: Any) -> None:
    text = "RunLoadTest and RunLoadTestDefault are not implemented by the embedded cluster; bench/ measures it"
    with refused(StatusCode.UNIMPLEMENTED, text):
        pfs.RunLoadTest(pfs_pb2.RunLoadTestRequest())
