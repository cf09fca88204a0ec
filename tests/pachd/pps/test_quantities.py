"""Kubernetes quantities, and what a pipeline's limit of memory does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_pachyderm.proto.v2.pps import pps_pb2

from harness.clusters import Options
from harness.clusters.embedded import EmbeddedCluster
from harness.pachd.pps.quantities import parse

if TYPE_CHECKING:
    from pathlib import Path

HOLD = "import time; held = bytearray(60 << 20); time.sleep({})"
SUFFIXES = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "e3": 10**3, "E2": 100}


@given(st.integers(0, 10**6), st.sampled_from(sorted(SUFFIXES)))
def test_whole_numbers_with_every_suffix(number: int, suffix: str) -> None:
    assert parse(f"{number}{suffix}") == number * SUFFIXES[suffix]


@pytest.mark.parametrize(
    ("text", "number"),
    [("0.5", 1), ("1.5Gi", 3 * 2**29), (".5Ki", 512), ("100m", 1), ("2E", 2 * 10**18), ("9" * 5000, 2**63 - 1)],
)
def test_fractions_are_rounded_up(text: str, number: int) -> None:
    assert parse(text) == number


@pytest.mark.parametrize("text", ["", "much", "64MB", "64 Mi", "1e", "--1", "0x10", "\uff11", "1\n"])
def test_what_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="is not a quantity"):
        parse(text)


@pytest.mark.parametrize(("memory", "seconds", "state"), [("32Mi", 1000, "JOB_FAILURE"), ("plenty", 0, "JOB_SUCCESS")])
def test_the_limit_of_a_pipeline(tmp_path: Path, memory: str, seconds: int, state: str) -> None:
    with EmbeddedCluster(Options(root=tmp_path / "root", allow_host_images=True)) as cluster:
        client = cluster.client()
        client.create_repo("data")
        client.put_file_bytes(("data", "master"), "/a", b"a")
        client.create_pipeline_from_request(
            pps_pb2.CreatePipelineRequest(
                pipeline=pps_pb2.Pipeline(name="p"),
                transform=pps_pb2.Transform(cmd=["python3", "-c", HOLD.format(seconds)], image="host"),
                input=pps_pb2.Input(pfs=pps_pb2.PFSInput(repo="data", glob="/*")),
                resource_limits=pps_pb2.ResourceSpec(memory=memory),
                datum_tries=1,
            )
        )
        said = ended(client)
        assert said.pop(0) == state
    words = (
        f"more than resource_limits.memory, which is {memory}" if state == "JOB_FAILURE" else "is ignored: plenty is"
    )
    assert any(words in line for line in said)


def ended(client: Any) -> list[str]:
    """The state of the pipeline's ended job, and all lines of its log."""
    job = next(iter(client.list_job("p"))).job
    info = next(client.inspect_job(job.id, "p", wait=True))
    return [pps_pb2.JobState.Name(info.state), *(line.message for line in client.get_job_logs("p", job.id))]
