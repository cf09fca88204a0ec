"""Section 12.1: ListDatum of an input that is no job's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2
from python_pachyderm.proto.v2.pps import pps_pb2

from tests.conformance.pps.input_specs import create, datums, listed, message, pfs

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tests.conformance.pps.conftest import Lab

    Refused = Callable[[grpc.StatusCode, str], AbstractContextManager[None]]

UNKNOWN, NOT_FOUND = grpc.StatusCode.UNKNOWN, grpc.StatusCode.NOT_FOUND
CRON = {"cron": {"name": "tick", "spec": "@daily"}}


@pytest.fixture
def data(lab: Lab) -> Lab:
    """A repo of seven files and a directory."""
    lab.put("data", {**{f"/{number}": str(number) * number for number in range(7)}, "/dir/f": "f"})
    return lab


def test_what_is_told_of_a_datum(data: Lab, pps: Any) -> None:
    (info,) = listed(pps, pfs("data", "3"))
    head = data.client.inspect_branch("data", "master").head
    assert info.state == pps_pb2.UNKNOWN
    assert not info.datum.HasField("job")
    assert not info.HasField("pfs_state")
    assert info.stats.download_bytes == 0
    (file,) = info.data
    assert (file.file.path, file.file_type, file.size_bytes) == ("/3", pfs_pb2.FILE, 3)
    assert (file.file.commit.id, file.file.commit.repo.name) == (head.id, "data")
    assert (file.file.commit.branch.name, file.file.commit.branch.repo.project.name) == ("master", "default")
    assert file.hash == data.client.inspect_file(("data", "master"), "/3").hash
    (info,) = listed(pps, pfs("data", "dir/"))
    assert (info.data[0].file.path, info.data[0].file_type) == ("/dir/", pfs_pb2.DIR)


def test_datums_come_by_id_in_pages(data: Lab, pps: Any) -> None:
    given = pfs("data", "/?")
    ids = [info.datum.id for info in listed(pps, given)]
    assert ids == sorted(ids)
    assert len(ids) == 7

    def page(**fields: Any) -> list[str]:
        return [info.datum.id for info in listed(pps, given, **fields)]

    assert page(number=3) == ids[:3]
    assert page(number=3, paginationMarker=ids[2]) == ids[3:6]
    assert page(paginationMarker=ids[4]) == ids[5:]
    assert page(number=2, reverse=True) == ids[:-3:-1]
    assert page(number=9, reverse=True, paginationMarker=ids[2]) == [ids[1], ids[0]]


def test_all_of_them_are_of_unknown_state(data: Lab, pps: Any) -> None:
    states = pps_pb2.ListDatumRequest.Filter
    assert len(listed(pps, pfs("data"), filter=states(state=[pps_pb2.UNKNOWN, pps_pb2.FAILED]))) == 8
    assert listed(pps, pfs("data"), filter=states(state=[pps_pb2.SUCCESS])) == []


def test_the_heads_of_branches_are_read(data: Lab, pps: Any) -> None:
    with data.client.commit("data", "other") as commit:
        data.client.put_file_bytes(commit, "/else", b"")
    assert datums(pps, pfs("data", branch="other")) == ["data/else"]
    assert datums(pps, {"union": [pfs("data", "/[01]"), pfs("data", branch="other")]}) == [
        "data/0",
        "data/1",
        "data/else",
    ]


def test_the_ids_are_those_of_the_job_to_come(data: Lab, pps: Any) -> None:
    data.put("a", {"/x": "", "/y": ""})
    given = {"cross": [pfs("data", "/?"), pfs("a")]}
    ids = [info.datum.id for info in listed(pps, given)]
    job = create(data, given)
    data.wait("p", job)
    assert [info.datum.id for info in data.client.list_datum("p", job)] == ids
    stored = data.inspect("p").details.input
    assert [info.datum.id for info in pps.ListDatum(pps_pb2.ListDatumRequest(input=stored))] == ids


@pytest.mark.parametrize(
    ("given", "code", "text"),
    [
        (
            {"cross": [pfs("data"), CRON]},
            UNKNOWN,
            "can't list datums with a cron input, there will be no datums until the pipeline is created",
        ),
        (pfs("data", branch="other"), NOT_FOUND, 'branch "other" not found in repo default/data'),
        (pfs("missing"), NOT_FOUND, 'branch "master" not found in repo default/missing'),
        ({"cross": []}, UNKNOWN, "no input set"),
    ],
)
def test_what_cannot_be_listed(
    data: Lab, pps: Any, refused: Refused, given: dict[str, Any], code: grpc.StatusCode, text: str
) -> None:
    with refused(code, text):
        listed(pps, given)


def test_requests_that_contradict_themselves(data: Lab, pps: Any, refused: Refused) -> None:
    job = pps_pb2.Job(pipeline=pps_pb2.Pipeline(name="p"), id="0" * 32)
    with refused(UNKNOWN, "cannot specify both job and input"):
        list(pps.ListDatum(pps_pb2.ListDatumRequest(input=message(pfs("data")), job=job)))
    with refused(UNKNOWN, "number must be > 0 when reverse is set"):
        listed(pps, pfs("data"), reverse=True)


def test_a_bad_glob_is_refused_with_its_place(data: Lab, pps: Any) -> None:
    with pytest.raises(grpc.RpcError) as error:
        listed(pps, {"union": [pfs("data"), pfs("data", "/[a")]})
    assert error.value.code() == UNKNOWN
    assert "/[a" in error.value.details()
