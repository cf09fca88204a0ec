"""Listing and inspecting the datums of jobs (section 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from python_pachyderm.proto.v2.pps import pps_pb2

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tests.conformance.pps.conftest import Lab

    Refused = Callable[[grpc.StatusCode, str], AbstractContextManager[None]]

NAMES = {pps_pb2.FAILED: "failed", pps_pb2.SUCCESS: "success", pps_pb2.SKIPPED: "skipped"}
PICKY = 'cp "$data" /pfs/out/; test $(basename "$data") != bad'


def job(id_: str) -> Any:
    return pps_pb2.Job(pipeline=pps_pb2.Pipeline(name="p"), id=id_)


def listed(pps: Any, id_: str, *states: int, **fields: Any) -> list[Any]:
    chosen = pps_pb2.ListDatumRequest.Filter(state=list(states))
    return list(pps.ListDatum(pps_pb2.ListDatumRequest(job=job(id_), filter=chosen, **fields)))


def told(infos: list[Any]) -> dict[str, str]:
    return {info.data[0].file.path: NAMES[info.state] for info in infos}


@pytest.fixture
def jobs(lab: Lab) -> tuple[Lab, str, str]:
    """A job that failed with one of three datums, and one after it, which skips nothing of it."""
    lab.put("data", {"/a": "a", "/b": "b", "/bad": "x"})
    failed = lab.create("p", PICKY, ("data", "/*"), datum_tries=1)
    lab.wait("p", failed)
    lab.client.delete_file(("data", "master"), "/bad")
    good = lab.newest("p")
    assert lab.progress("p", good) == "SUCCESS 2+0/2"
    return lab, failed, good


def test_12_1_a_failed_job_lists_what_it_did(jobs: tuple[Lab, str, str], pps: Any) -> None:
    _, failed, _ = jobs
    assert told(listed(pps, failed)) == {"/a": "success", "/b": "success", "/bad": "failed"}
    assert told(listed(pps, failed, pps_pb2.FAILED)) == {"/bad": "failed"}
    assert told(listed(pps, failed, pps_pb2.SUCCESS, pps_pb2.FAILED)) == told(listed(pps, failed))
    assert listed(pps, failed, pps_pb2.RECOVERED) == []


def test_12_1_skipped_datums_are_those_of_another_job(jobs: tuple[Lab, str, str], pps: Any) -> None:
    lab, _, good = jobs
    later = lab.put("data", {"/c": "c"})
    assert lab.progress("p", later) == "SUCCESS 1+2/3"
    assert told(listed(pps, later)) == {"/a": "skipped", "/b": "skipped", "/c": "success"}
    skipped = listed(pps, later, pps_pb2.SKIPPED)
    assert {info.datum.job.id for info in skipped} == {good}
    request = pps_pb2.InspectDatumRequest(datum=pps_pb2.Datum(job=job(later), id=skipped[0].datum.id))
    info = pps.InspectDatum(request)
    assert (NAMES[info.state], info.datum.job.id, info.pfs_state.commit.id) == ("skipped", good, later)
    assert info.pfs_state.path == f"/pfs/{info.datum.id}"


def test_12_1_pages(jobs: tuple[Lab, str, str], pps: Any) -> None:
    _, failed, good = jobs
    ids = [info.datum.id for info in listed(pps, failed)]
    assert ids == sorted(ids)

    def page(id_: str = failed, **fields: Any) -> list[str]:
        return [info.datum.id for info in listed(pps, id_, **fields)]

    assert page(number=2) == ids[:2]
    assert page(number=2, paginationMarker=ids[0]) == ids[1:]
    assert page(number=2, reverse=True) == ids[:0:-1]
    assert page(number=5, reverse=True, paginationMarker=ids[2]) == ids[1::-1]
    assert page(paginationMarker=ids[2]) == []
    assert page(good) == [id_ for id_ in ids if id_ in page(good)]


def test_12_1_a_running_job_lists_what_is_done(lab: Lab, pps: Any) -> None:
    lab.put("data", {"/a": "a", "/b": "b"})
    script = 'echo "at $(basename $data)"; if test -e /pfs/data/b; then sleep 600; fi'
    id_ = lab.create("p", script, ("data", "/*"), datum_set_spec={"number": 1})
    lines = lab.client.get_job_logs("p", id_, follow=True)
    next(line for line in lines if line.message == "at b")
    assert told(listed(pps, id_)).get("/b") is None
    lab.client.stop_job(id_, "p")
    assert set(told(listed(pps, id_))) <= {"/a"}


def test_12_2_bad_requests(jobs: tuple[Lab, str, str], pps: Any, refused: Refused) -> None:
    _, failed, _ = jobs
    unknown, leaf = grpc.StatusCode.UNKNOWN, pps_pb2.Input(pfs=pps_pb2.PFSInput(repo="data", glob="/"))
    with refused(unknown, "cannot specify both job and input"):
        listed(pps, failed, input=leaf)
    with refused(unknown, "number must be > 0 when reverse is set"):
        listed(pps, failed, reverse=True)
    with refused(unknown, "must specify a datum"):
        pps.InspectDatum(pps_pb2.InspectDatumRequest())
    with refused(unknown, "must specify a job"):
        pps.InspectDatum(pps_pb2.InspectDatumRequest(datum=pps_pb2.Datum(id="ab")))
    with refused(unknown, f"datum ab not found in job default/p@{failed}"):
        pps.InspectDatum(pps_pb2.InspectDatumRequest(datum=pps_pb2.Datum(job=job(failed), id="ab")))
