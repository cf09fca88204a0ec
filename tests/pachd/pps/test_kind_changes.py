"""A pipeline can become one of another kind; nothing of the kind before stays in its way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from python_pachyderm.proto.v2.pps import pps_pb2

from tests.pachd.pps.impatient import impatient_server

if TYPE_CHECKING:
    from pathlib import Path

INPUT = {"input": {"pfs": {"repo": "data", "glob": "/"}}}
SCRIPT = "echo version $PPS_SPEC_COMMIT; test ! -d /pfs/data || cp /pfs/data/* /pfs/out/"


def update(client: Any, **fields: Any) -> None:
    """The next version, once its code has run."""
    client.create_pipeline_from_request(
        pps_pb2.CreatePipelineRequest(
            pipeline=pps_pb2.Pipeline(name="p"),
            update=True,
            reprocess=True,
            transform=pps_pb2.Transform(cmd=["sh"], stdin=[SCRIPT], image="host"),
            **fields,
        )
    )
    spec = next(client.inspect_pipeline("p")).spec_commit.id
    next(line for line in client.get_pipeline_logs("p", follow=True) if spec in line.message)


def newest(client: Any) -> str:
    return str(next(iter(client.list_job("p"))).job.id)


def ended(client: Any, job: str) -> int:
    return int(next(client.inspect_job(job, "p", wait=True)).state)


def files(client: Any) -> list[str]:
    return [info.file.path for info in client.list_file(("p", "master"), "/")]


def test_from_kind_to_kind_and_back(tmp_path: Path) -> None:
    service = {"service": {"internal_port": 8000, "external_port": 8000}}
    with impatient_server(tmp_path) as client:
        client.create_repo("data")
        client.put_file_bytes(("data", "master"), "/a", b"a")
        update(client, **INPUT)
        assert ended(client, newest(client)) == pps_pb2.JOB_SUCCESS
        update(client, spout={})
        client.put_file_bytes(("p", "master"), "/written", b"by a spout")
        assert files(client) == ["/a", "/written"]
        update(client, **INPUT, **service)
        served = newest(client)
        client.put_file_bytes(("data", "master"), "/b", b"b")
        assert ended(client, served) == pps_pb2.JOB_SUCCESS
        update(client, **INPUT)
        assert ended(client, newest(client)) == pps_pb2.JOB_SUCCESS
        assert files(client) == ["/a", "/b", "/written"]
        assert [problem for problem in client.fsck() if problem] == []
        client.delete_pipeline("p")
        assert [info.repo.name for info in client.list_repo("")] == ["data"]
