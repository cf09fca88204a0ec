"""Files from URLs and to them, between a server process and web and S3 servers of this machine."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2, pfs_pb2_grpc

from harness.clusters import Options, start
from tests.conformance.pfs.messages import into, paths
from tests.pachd.buckets import Store, serving_s3
from tests.web import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGE = bytes(range(256)) * 20_000  # 5 MB


class Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/large":
            self.answer(200, LARGE)
        elif self.path == "/moved":
            self.answer(302, b"", Location="/large")
        elif self.path == "/loop":
            self.answer(302, b"", Location="/loop")
        elif self.path == "/outside":
            self.answer(302, b"", Location="file:///etc/hostname")
        elif self.path == "/short":
            self.answer(200, b"half", length=8)
        else:
            self.answer(404, b"no such page")

    def answer(self, status: int, body: bytes, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: the test says what it got."""


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    with serving(Pages) as url:
        yield url


@pytest.fixture(scope="module")
def s3() -> Iterator[Store]:
    with serving_s3() as store:
        yield store


@pytest.fixture(scope="module")
def cluster(s3: Store) -> Iterator[Any]:
    """A client of a server process with that environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in s3.env.items():
            patch.setenv(name, value)
        with start("embedded", Options()) as cluster:
            yield cluster.client()


@pytest.fixture
def client(cluster: Any) -> Iterator[Any]:
    cluster.create_repo("data")
    yield cluster
    cluster.delete_repo("data")


@pytest.fixture
def bucket(s3: Store) -> Iterator[Any]:
    bucket = s3.service().create_bucket(Bucket="bucket")
    yield bucket
    bucket.objects.all().delete()
    bucket.delete()


@contextmanager
def failing(*texts: str) -> Iterator[None]:
    with pytest.raises(grpc.RpcError) as error:
        yield
    assert error.value.code() == grpc.StatusCode.UNKNOWN
    assert [text for text in texts if text not in error.value.details()] == [], error.value.details()


def put(client: Any, url: str, path: str = "/file", recursive: bool = False) -> None:
    client.put_file_url(("data", "master"), path, url, recursive=recursive)


class TestWeb:
    def test_a_page_is_a_file(self, client: Any, web: str) -> None:
        put(client, f"{web}/large")
        put(client, f"{web}/moved", "/other")
        assert client.get_file(("data", "master"), "/file").read() == LARGE
        assert client.get_file(("data", "master"), "/other").read() == LARGE

    def test_it_is_appended(self, client: Any, web: str) -> None:
        with client.modify_file_client(("data", "master")) as changes:
            changes.put_file_from_bytes("/file", b"before")
            changes.put_file_from_url("/file", f"{web}/large", append=True)
        assert client.get_file(("data", "master"), "/file").read() == b"before" + LARGE

    def test_what_fails_leaves_nothing(self, client: Any, web: str) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            nobody = f"http://127.0.0.1:{closed.getsockname()[1]}/"
            for url, reason in [
                (f"{web}/none", "404 Not Found"),
                (f"{web}/short", "4 bytes are missing"),
                (f"{web}/loop", "infinite loop"),
                (f"{web}/outside", "not allowed"),
                (nobody, "Connection refused"),
                ("http://", "no host given"),
            ]:
                with failing(f'error retrieving content from "{url}": ', reason):
                    put(client, url)
        assert list(client.list_branch("data")) == []

    def test_unknown_places(self, client: Any) -> None:
        for url, scheme in [("ftp://host/x", "ftp"), ("nothing", "")]:
            with failing(f"unrecognized object store: {scheme}"):
                put(client, url)


class TestS3:
    def test_an_object_is_a_file(self, bucket: Any, client: Any) -> None:
        bucket.put_object(Key="folder/one", Body=LARGE)
        put(client, "s3://bucket/folder/one")
        assert client.get_file(("data", "master"), "/file").read() == LARGE

    def test_what_is_below_a_prefix_are_files_in_a_directory(self, bucket: Any, client: Any) -> None:
        for key in ("folder/one", "folder/below/two", "other"):
            bucket.put_object(Key=key, Body=key.encode())
        put(client, "s3://bucket/folder", "/copy", recursive=True)
        assert paths(client.walk_file(("data", "master"), "/copy")) == [
            "/copy/",
            "/copy/below/",
            "/copy/below/two",
            "/copy/one",
        ]
        assert client.get_file(("data", "master"), "/copy/below/two").read() == b"folder/below/two"

    def test_what_is_not_there(self, bucket: Any, client: Any) -> None:
        bucket.put_object(Key="other", Body=b"")
        for url, recursive in [("s3://bucket/none", False), ("s3://bucket/none", True), ("s3://nobody/x", False)]:
            with failing(f'error retrieving content from "{url}": '):
                put(client, url, recursive=recursive)

    def test_files_are_written_below_a_url(self, bucket: Any, client: Any) -> None:
        with client.modify_file_client(("data", "master")) as changes:
            for path, data in {"/a/one": b"1", "/a/two": LARGE, "/empty": b""}.items():
                changes.put_file_from_bytes(path, data)
        pfs = pfs_pb2_grpc.APIStub(client._channel)
        commit = into("data").set_commit
        file = pfs_pb2.File(commit=commit, path="/a")
        assert list(pfs.GetFile(pfs_pb2.GetFileRequest(file=file, URL="s3://bucket/got"))) == []
        store = pfs_pb2.ObjectStorageEgress(url="s3://bucket/sent")
        reply = pfs.Egress(pfs_pb2.EgressRequest(commit=commit, object_storage=store))
        assert reply.object_storage.bytes_written == 1 + len(LARGE)
        found = {item.key: item.get()["Body"].read() for item in bucket.objects.all()}
        assert found == {
            "got/a/one": b"1",
            "got/a/two": LARGE,
            "sent/a/one": b"1",
            "sent/a/two": LARGE,
            "sent/empty": b"",
        }

    def test_a_bucket_that_is_not_there_cannot_be_written(self, client: Any) -> None:
        client.put_file_bytes(("data", "master"), "/a", b"1")
        store = pfs_pb2.ObjectStorageEgress(url="s3://nobody/x")
        with failing('error writing to "s3://nobody/x": '):
            pfs_pb2_grpc.APIStub(client._channel).Egress(
                pfs_pb2.EgressRequest(commit=into("data").set_commit, object_storage=store)
            )
