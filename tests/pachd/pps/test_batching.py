"""Pipelines with ``datum_batching``: user code that loads once and then takes datum after datum."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from python_pachyderm.proto.v2.pps import pps_pb2

from harness.clusters import Options
from harness.clusters.embedded import EmbeddedCluster

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PYTHON = """
import os, pathlib, python_pachyderm
print("loaded", flush=True)
@python_pachyderm.batch_all_datums
def main():
    name = pathlib.Path(os.environ["data"]).name
    if name == "bad":
        raise ValueError("no good")
    pathlib.Path("/pfs/out", name).write_text(os.environ["PACH_DATUM_ID"])
main()
"""
SHELL = 'echo loaded; while pachctl next datum; do . "${PFS_ROOT:-/pfs}/.env"; cp $data "${PFS_ROOT:-/pfs}/out"; done'


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Any]:
    with EmbeddedCluster(Options(root=tmp_path / "root", allow_host_images=True)) as cluster:
        if cluster.isolation != "namespaces":
            pytest.skip("python_pachyderm reads /pfs/.env")
        yield cluster.client()


def run(client: Any, cmd: list[str], files: list[str], **fields: Any) -> Any:
    client.create_repo("data")
    with client.commit("data", "master") as commit:
        for name in files:
            client.put_file_bytes(commit, f"/{name}", name.encode())
    transform = pps_pb2.Transform(cmd=cmd, image="host", datum_batching=True, **fields.pop("transform", {}))
    request = pps_pb2.CreatePipelineRequest(
        pipeline=pps_pb2.Pipeline(name="p"),
        transform=transform,
        input=pps_pb2.Input(pfs=pps_pb2.PFSInput(repo="data", glob="/*")),
        **fields,
    )
    client.create_pipeline_from_request(request)
    job = next(iter(client.list_job("p"))).job
    return next(client.inspect_job(job.id, "p", wait=True))


def said(client: Any) -> list[str]:
    return [line.message for line in client.get_pipeline_logs("p") if line.user]


def test_the_decorator_of_python_pachyderm(client: Any) -> None:
    two = pps_pb2.DatumSetSpec(number=2)
    info = run(client, [sys.executable, "-c", PYTHON], ["a", "b", "c", "d"], datum_set_spec=two)
    assert (info.state, info.data_processed, info.restart) == (pps_pb2.JOB_SUCCESS, 4, 0)
    datums = {datum.data[0].file.path: datum.datum.id for datum in client.list_datum("p", info.job.id)}
    assert {path: client.get_file(("p", "master"), path).read().decode() for path in datums} == datums
    assert said(client) == ["loaded"] * 2


def test_an_exception_fails_the_datum_and_is_recovered_from(client: Any) -> None:
    transform = {"err_cmd": ["sh", "-c", "test $(basename $data) = bad"]}
    info = run(client, [sys.executable, "-c", PYTHON], ["a", "bad"], transform=transform, datum_tries=2)
    assert (info.state, info.data_processed, info.data_recovered) == (pps_pb2.JOB_SUCCESS, 1, 1)
    errors = [line.message for line in client.get_pipeline_logs("p") if "errored running user code" in line.message]
    assert [error.split(": ", 1)[1] for error in errors] == ["ValueError('no good')"] * 2


def test_our_pachctl(client: Any) -> None:
    info = run(client, ["sh", "-c", SHELL], ["a", "b"], datum_set_spec=pps_pb2.DatumSetSpec(number=10))
    assert (info.state, info.data_processed) == (pps_pb2.JOB_SUCCESS, 2)
    assert {found.file.path for found in client.list_file(("p", "master"), "/")} == {"/a", "/b"}
    assert said(client) == ["loaded"]


def test_code_that_does_not_ask_fails(client: Any) -> None:
    info = run(client, ["true"], ["a"], datum_tries=1)
    assert info.state == pps_pb2.JOB_FAILURE
    [datum] = client.list_datum("p", info.job.id)
    lines = [line.message for line in client.get_pipeline_logs("p") if line.datum_id == datum.datum.id]
    assert any(line.endswith(": error running user code: user code exited prematurely") for line in lines)
