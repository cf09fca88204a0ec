"""The verbs of measuring pipelines: files in, a pipeline over them, its ended jobs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from python_pachyderm.proto.v2.pps import pps_pb2

if TYPE_CHECKING:
    from collections.abc import Sequence

COPY = ("cp", "-r", "/pfs/in/.", "/pfs/out")


def fill(client: Any, repo: str, number: int) -> None:
    """A new repo with that many small files."""
    client.create_repo(repo)
    with client.commit(repo, "master") as commit, client.modify_file_client(commit) as upload:
        for each in range(number):
            upload.put_file_from_bytes(f"/{each:06}", b"%d\n" % each)


def create(client: Any, name: str, cmd: Sequence[str], repo: str, workers: int, **fields: Any) -> None:
    """A pipeline that runs ``cmd`` for each file of ``repo``, which is below ``/pfs/in``."""
    client.create_pipeline(
        name,
        transform=pps_pb2.Transform(cmd=cmd, image="host"),
        parallelism_spec=pps_pb2.ParallelismSpec(constant=workers),
        input=fields.pop("input", pps_pb2.Input(pfs=pps_pb2.PFSInput(name="in", repo=repo, glob="/*"))),
        **fields,
    )


def ended(client: Any, name: str, processed: int) -> Any:
    """The JobInfo of the pipeline's newest job, which must be good and have executed so many datums."""
    job = next(iter(client.list_job(name))).job
    (info,) = client.inspect_job(job.id, name, wait=True)
    if (info.state, info.data_processed) != (pps_pb2.JOB_SUCCESS, processed):
        raise RuntimeError(f"job {name}: {info.data_processed} of {processed} datums, {info.reason}")
    return info


def timed(client: Any, name: str, cmd: Sequence[str], repo: str, workers: int, number: int) -> float:
    """Seconds from the request for a pipeline to its finished job, the workers' start included."""
    began = time.perf_counter()
    create(client, name, cmd, repo, workers)
    ended(client, name, number)
    return time.perf_counter() - began


def seconds(begin: Any, end: Any) -> float:
    """Between two protobuf timestamps."""
    return float(end.ToNanoseconds() - begin.ToNanoseconds()) / 1e9
