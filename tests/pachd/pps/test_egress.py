"""Egress: a good job's output goes where its pipeline says, however often that takes, before the job ends."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from python_pachyderm.proto.v2.pps import pps_pb2

from harness.clusters import Options
from harness.clusters.embedded import EmbeddedCluster
from harness.pachd.__main__ import EGRESS_FOLDERS
from tests.pachd.buckets import serving_s3
from tests.pachd.pps.impatient import impatient_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCRIPT = "mkdir /pfs/out/below; cp /pfs/data/* /pfs/out/below/; echo ran >> {ran}"


def create(client: Any, egress: Any, ran: Path, name: str = "p") -> str:
    client.create_pipeline_from_request(
        pps_pb2.CreatePipelineRequest(
            pipeline=pps_pb2.Pipeline(name=name),
            transform=pps_pb2.Transform(cmd=["sh"], stdin=[SCRIPT.format(ran=ran)], image="host"),
            input=pps_pb2.Input(pfs=pps_pb2.PFSInput(repo="data", glob="/*")),
            egress=egress,
        )
    )
    return str(next(iter(client.list_job(name))).job.id)


def put(client: Any, **files: bytes) -> None:
    if not list(client.list_repo()):
        client.create_repo("data")
    with client.commit("data", "master") as commit:
        for name, data in files.items():
            client.put_file_bytes(commit, f"/{name}", data)


def newest(client: Any) -> Any:
    """The newest job, once it has ended."""
    return next(client.inspect_job(next(iter(client.list_job("p"))).job.id, "p", wait=True))


def errored(client: Any) -> str:
    """The first complaint in the log, once there is one."""
    lines = client.get_pipeline_logs("p", master=True, follow=True)
    return str(next(line.message for line in lines if line.message.startswith("errored egress")))


def written(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@contextmanager
def server(tmp_path: Path, **settings: Any) -> Iterator[Any]:
    with impatient_server(tmp_path, egress_folders=(tmp_path / "given",), seconds_to_retry=0.02, **settings) as client:
        yield client


@pytest.mark.parametrize("field", ["URL", "object_storage"])
def test_output_is_written_to_a_folder_that_the_owner_has_given(tmp_path: Path, field: str) -> None:
    place = tmp_path / "given" / "deep er"
    url = f"file://{place.as_posix()}".replace(" ", "%20")
    with server(tmp_path) as client:
        put(client, a=b"one", b=bytes(3_000_000))
        spec = {"URL": url} if field == "URL" else {"object_storage": {"url": url}}
        create(client, pps_pb2.Egress(**spec), tmp_path / "ran")
        assert newest(client).state == pps_pb2.JOB_SUCCESS
        assert written(place) == {"below/a": b"one", "below/b": bytes(3_000_000)}
        put(client, a=b"two")
        assert newest(client).data_skipped == 1
        assert written(place) == {"below/a": b"two", "below/b": bytes(3_000_000)}
        assert next(client.inspect_job(newest(client).job.id, "p", details=True)).details.HasField("egress")


def test_other_places_are_refused(tmp_path: Path) -> None:
    outside, given = tmp_path / "outside", tmp_path / "given"
    outside.mkdir()
    given.mkdir()
    (given / "link").symlink_to(outside)
    with server(tmp_path) as client:
        put(client, a=b"one")
        for url, text in (
            (f"file://{outside}", rf"--egress-folder, or \$HARNESS_EGRESS_FOLDERS.*allowed now: {given}"),
            (f"file://{given}/../outside", "needs the leave"),
            (f"file://{given}/link", "needs the leave"),
            ("file://elsewhere/x", "names no other machine"),
            ("gs://bucket/x", "no access to gs"),
            ("ftp://host/x", "unrecognized object store: ftp"),
            (f"file://{given}/a%00b", "no path has a NUL in it"),
            ("s3://[", 'error writing to "s3://\\["'),
        ):
            with pytest.raises(grpc.RpcError, match=text):
                create(client, pps_pb2.Egress(URL=url), tmp_path / "ran")
        with pytest.raises(grpc.RpcError, match=r"egress\.sql_database is not implemented"):
            create(client, pps_pb2.Egress(sql_database={"url": "postgres://x"}), tmp_path / "ran")
        assert not list(client.list_pipeline())


def blocked_folder(tmp_path: Path) -> Path:
    """One that may be written to, but for what is in the way of the output."""
    place = tmp_path / "given"
    place.mkdir()
    (place / "below").write_text("in the way")
    return place


def test_what_goes_wrong_is_told_and_tried_again(tmp_path: Path) -> None:
    place = blocked_folder(tmp_path)
    with server(tmp_path) as client:
        put(client, a=b"one")
        job = create(client, pps_pb2.Egress(URL=f"file://{place}"), tmp_path / "ran")
        assert f'errored egress: error writing to "file://{place}": ' in errored(client)
        info = next(client.inspect_job(job, "p"))
        assert info.state == pps_pb2.JOB_EGRESSING
        assert info.reason.startswith("error writing to")
        assert info.data_processed == 1
        (place / "below").unlink()
        ended = newest(client)
        assert (ended.state, ended.reason, ended.restart) == (pps_pb2.JOB_SUCCESS, "", 0)
        assert written(place) == {"below/a": b"one"}


def test_output_is_sent_to_s3_as_soon_as_that_is_possible(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving_s3() as store:
        for name, value in store.env.items():
            monkeypatch.setenv(name, value)
        with server(tmp_path) as client:
            put(client, a=b"one", b=b"two")
            create(client, pps_pb2.Egress(URL="s3://bucket/folder"), tmp_path / "ran")
            assert "bucket" in errored(client)
            bucket = store.service().create_bucket(Bucket="bucket")
            assert newest(client).state == pps_pb2.JOB_SUCCESS
            assert sorted(entry.key for entry in bucket.objects.all()) == ["folder/below/a", "folder/below/b"]


def test_a_job_can_be_stopped_in_the_middle(tmp_path: Path) -> None:
    place = blocked_folder(tmp_path)
    with server(tmp_path) as client:
        put(client, a=b"one")
        job = create(client, pps_pb2.Egress(URL=f"file://{place}"), tmp_path / "ran")
        errored(client)
        client.stop_job(job, "p")
        assert newest(client).state == pps_pb2.JOB_KILLED


def test_a_killed_server_goes_on_without_running_datums_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place, ran = tmp_path / "given", tmp_path / "ran"
    place.mkdir()
    (place / "below").write_text("in the way")
    monkeypatch.setenv(EGRESS_FOLDERS, str(place))
    options = Options(root=tmp_path / "root", allow_host_images=True)
    with EmbeddedCluster(options) as cluster:
        put(cluster.client(), a=b"one")
        create(cluster.client(), pps_pb2.Egress(URL=f"file://{place}"), ran)
        errored(cluster.client())
        assert cluster.pid is not None
        os.kill(cluster.pid, signal.SIGKILL)
    (place / "below").unlink()
    with EmbeddedCluster(options) as cluster:
        info = newest(cluster.client())
        assert (info.state, info.restart, info.data_processed) == (pps_pb2.JOB_SUCCESS, 0, 1)
    assert ran.read_text() == "ran\n"
    assert written(place) == {"below/a": b"one"}
