"""Finding jobs: by pipeline, set, input, version, time; and being told of new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2
from python_pachyderm.proto.v2.pps import pps_pb2

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tests.conformance.pps.conftest import Lab

    Refused = Callable[[grpc.StatusCode, str], AbstractContextManager[None]]


@pytest.fixture
def chain(lab: Lab) -> tuple[Lab, str, str]:
    """Two pipelines in a row, and the ids of two commits that they have processed."""
    lab.client.create_repo("data")
    lab.create("first", 'cp "$data" /pfs/out/', ("data", "/*"))
    lab.create("second", 'cp "$first" /pfs/out/', ("first", "/*"))
    ids = [lab.put("data", {f"/{number}": "x"}) for number in range(2)]
    for id_ in ids:
        lab.wait("second", id_)
    return lab, ids[0], ids[1]


def test_sets_are_listed_newest_first_and_upstream_first(chain: tuple[Lab, str, str]) -> None:
    lab, older, newer = chain
    sets = [(found.job_set.id, [info.job.pipeline.name for info in found.jobs]) for found in lab.client.list_job()]
    assert sets[:2] == [(newer, ["first", "second"]), (older, ["first", "second"])]
    assert [names for _, names in sets[2:]] == [["second"], ["first"]]
    assert [found.job_set.id for found in lab.client.list_job(number=1)] == [newer]
    assert next(iter(lab.client.list_job(reverse=True))).job_set.id == sets[3][0]


def test_a_page_ends_before_its_marker(chain: tuple[Lab, str, str]) -> None:
    lab, older, newer = chain
    marker = next(iter(lab.client.list_job("first"))).created
    assert lab.jobs("first")[:2] == [newer, older]
    assert [info.job.id for info in lab.client.list_job("first", pagination_marker=marker)] == lab.jobs("first")[1:]


def test_jobs_are_found_by_what_they_read(chain: tuple[Lab, str, str]) -> None:
    lab, older, _ = chain
    assert [info.job.id for info in lab.client.list_job("first", input_commit=("data", older))] == [older]
    assert [info.job.id for info in lab.client.list_job("second", input_commit=("data", older))] == []
    assert [info.job.id for info in lab.client.list_job("second", input_commit=("first", older))] == [older]


def test_an_update_hides_the_jobs_of_earlier_versions(chain: tuple[Lab, str, str]) -> None:
    lab, _, _ = chain
    id_ = lab.update("first", "true", ("data", "/*"))
    assert lab.jobs("first", history=0) == [id_]
    assert len(lab.jobs("first", history=1)) == len(lab.jobs("first", history=-1)) == 4


def test_details_are_those_of_the_version_that_ran(chain: tuple[Lab, str, str]) -> None:
    lab, older, _ = chain
    lab.update("first", "true", ("data", "/*"))
    info = next(lab.client.inspect_job(older, "first", details=True))
    assert info.details.transform.stdin == ['cp "$data" /pfs/out/']
    assert info.details.input.pfs.commit == older
    assert info.output_commit.branch.name == "master"
    assert info.stats.HasField("process_time")
    assert not next(lab.client.inspect_job(older, "first")).HasField("details")


def test_subscribers_are_told_of_unfinished_and_new_jobs(lab: Lab, pps: Any) -> None:
    lab.put("data", {"/a": "a"})
    first = lab.create("slow", "sleep 600", ("data", "/*"))
    request = pps_pb2.SubscribeJobRequest(
        pipeline=pps_pb2.Pipeline(name="slow", project=pfs_pb2.Project(name="default"))
    )
    told = pps.SubscribeJob(request)
    assert next(told).job.id == first
    second = lab.put("data", {"/b": "b"})
    assert next(told).job.id == second
    told.cancel()


def test_dropping_a_commit_set_forgets_its_jobs(chain: tuple[Lab, str, str]) -> None:
    lab, older, newer = chain
    lab.client.drop_commit(newer)
    assert newer not in lab.jobs("first")
    assert lab.jobs("first")[0] == older
    assert list(lab.client.inspect_job(newer)) == []


def test_bad_requests(chain: tuple[Lab, str, str], pps: Any, refused: Refused) -> None:
    lab, older, _ = chain
    with refused(grpc.StatusCode.NOT_FOUND, 'pipeline "default/nothing" not found'):
        lab.jobs("nothing")
    with refused(grpc.StatusCode.NOT_FOUND, f"jobs default/nothing@{older} not found"):
        next(lab.client.inspect_job(older, "nothing"))
    with refused(grpc.StatusCode.UNKNOWN, "must specify a job"):
        pps.InspectJob(pps_pb2.InspectJobRequest())
    with refused(grpc.StatusCode.UNKNOWN, f"datum ab not found in job default/first@{older}"):
        lab.client.inspect_datum("first", older, "ab")
    with refused(grpc.StatusCode.UNKNOWN, "number must be non-negative"):
        list(lab.client.list_job(number=-1))
    with refused(grpc.StatusCode.UNKNOWN, "cannot finish a pipeline output or meta commit, use 'stop job' instead"):
        lab.client.stop_pipeline("second")
        lab.put("data", {"/c": "sleep"})
        lab.update("first", "sleep 600", ("data", "/*"), reprocess=True)
        lab.client.finish_commit(("first", "master"))
