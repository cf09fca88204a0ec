"""Verbs for what the tests of pipelines do again and again."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2
from python_pachyderm.proto.v2.pps import pps_pb2, pps_pb2_grpc

from harness.clusters.choice import EMBEDDED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

IMAGE = "ubuntu:20.04"
SECONDS = 60


@pytest.fixture(scope="session")
def ours(request: pytest.FixtureRequest, client: Any) -> Any:
    """A client of a cluster that the tests may empty: an embedded one, or one in which there is nothing to lose."""
    if request.config.getoption("--cluster") != EMBEDDED and (list(client.list_repo()) or list(client.list_pipeline())):
        pytest.skip("the cluster is in use: these tests delete everything, so they need an empty one")
    return client


@pytest.fixture
def pps(client: Any) -> Any:
    """The same connection for requests that python_pachyderm cannot make."""
    return pps_pb2_grpc.APIStub(client._channel)


@pytest.fixture
def lab(ours: Any) -> Iterator[Lab]:
    """An empty cluster and the verbs to use it."""
    clear(ours)
    yield Lab(ours)
    clear(ours)


def clear(client: Any) -> None:
    client.delete_all_pipelines()
    client.delete_all_repos()


class Lab:
    """The verbs of the tests. Jobs are named ``(pipeline, id)``."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def put(self, repo: str, files: dict[str, str]) -> str:
        """One commit with these files; returns its id. Makes the repo where missing."""
        with suppress(grpc.RpcError):
            self.client.create_repo(repo)
        with self.client.commit(repo, "master") as commit:
            for path, text in files.items():
                self.client.put_file_bytes(commit, path, text.encode())
        return str(commit.id)

    def create(self, name: str, shell: str, *inputs: tuple[str, str], **fields: Any) -> str:
        """A pipeline that runs a shell script over (repo, glob) inputs; returns the id of its job."""
        leaves = [pps_pb2.Input(pfs=pps_pb2.PFSInput(repo=repo, glob=glob)) for repo, glob in inputs]
        transform = pps_pb2.Transform(cmd=["sh"], stdin=[shell], image=IMAGE, **fields.pop("transform", {}))
        request = pps_pb2.CreatePipelineRequest(
            pipeline=pps_pb2.Pipeline(name=name),
            input=leaves[0] if len(leaves) == 1 else pps_pb2.Input(cross=leaves),
            transform=transform,
            **fields,
        )
        self.client.create_pipeline_from_request(request)
        return self.newest(name)

    def update(self, name: str, shell: str, *inputs: tuple[str, str], **fields: Any) -> str:
        """A new version of a pipeline; returns the id of its job."""
        return self.create(name, shell, *inputs, update=True, **fields)

    def newest(self, name: str) -> str:
        """The id of the pipeline's newest job."""
        return str(next(iter(self.client.list_job(name, history=-1))).job.id)

    def jobs(self, name: str, history: int = -1) -> list[str]:
        """The ids of the pipeline's jobs, newest first."""
        return [info.job.id for info in self.client.list_job(name, history=history)]

    def wait(self, name: str, id_: str = "") -> Any:
        """The ended job's JobInfo; of the newest job unless told otherwise."""
        return next(self.client.inspect_job(id_ or self.newest(name), name, wait=True))

    def progress(self, name: str, id_: str = "") -> str:
        """``STATE processed+skipped/total`` of the ended job."""
        info = self.wait(name, id_)
        state = pps_pb2.JobState.Name(info.state).removeprefix("JOB_")
        return f"{state} {info.data_processed}+{info.data_skipped}/{info.data_total}"

    def files(self, repo: str, commit: str = "master") -> dict[str, str]:
        """Every file and its text."""
        return self.files_of((repo, commit))

    def files_of(self, commit: Any) -> dict[str, str]:
        """Every file and its text of a commit in any form that the client takes."""
        found = [info.file.path for info in self.client.walk_file(commit, "/") if info.file_type == pfs_pb2.FILE]
        return {path: self.client.get_file(commit, path).read().decode() for path in found}

    def inspect(self, name: str) -> Any:
        """PipelineInfo with details."""
        return next(self.client.inspect_pipeline(name, details=True))

    def until(self, look: Callable[[Any], bool], name: str) -> Any:
        """Wait until a job of the pipeline is seen for which ``look`` is true, by following its log."""
        for _ in self.client.get_pipeline_logs(name, follow=True):
            info = next(self.client.inspect_job(self.newest(name), name))
            if look(info):
                return info
        raise AssertionError("the log ended")

    def reaches(self, name: str, state: int) -> Any:
        """PipelineInfo once the pipeline is in that state, of whose changes no call tells."""
        deadline = time.monotonic() + SECONDS
        while (info := self.inspect(name)).state != state:
            assert time.monotonic() < deadline, f"{name} stays in {pps_pb2.PipelineState.Name(info.state)}"
        return info
