"""Which datums run again: those that the latest good job did not process with the same inputs, and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from python_pachyderm.proto.v2.pps import pps_pb2

if TYPE_CHECKING:
    from tests.conformance.pps.conftest import Lab

COPY = 'cp -r "$data" /pfs/out/'


@pytest.fixture
def copying(lab: Lab) -> Lab:
    """A pipeline ``copy`` that has processed /a and /b."""
    lab.put("data", {"/a": "a", "/b": "b"})
    lab.create("copy", COPY, ("data", "/*"))
    assert lab.progress("copy") == "SUCCESS 2+0/2"
    return lab


def test_changed_content_runs_again(copying: Lab) -> None:
    copying.put("data", {"/a": "A"})
    assert copying.progress("copy") == "SUCCESS 1+1/2"
    copying.put("data", {"/a": "a"})
    assert copying.progress("copy") == "SUCCESS 1+1/2"
    assert copying.files("copy") == {"/a": "a", "/b": "b"}


def test_an_identical_commit_runs_nothing(copying: Lab) -> None:
    copying.put("data", {"/a": "a"})
    assert copying.progress("copy") == "SUCCESS 0+2/2"


def test_a_renamed_file_is_a_new_datum(copying: Lab) -> None:
    with copying.client.commit("data", "master") as commit:
        copying.client.delete_file(commit, "/a")
        copying.client.put_file_bytes(commit, "/c", b"a")
    assert copying.progress("copy") == "SUCCESS 1+1/2"
    assert copying.files("copy") == {"/b": "b", "/c": "a"}


@pytest.mark.parametrize(
    ("fields", "progress"),
    [
        ({"transform": {"env": {"NEW": "1"}}}, "SUCCESS 0+2/2"),
        ({"parallelism_spec": {"constant": 3}}, "SUCCESS 0+2/2"),
        ({"reprocess": True}, "SUCCESS 2+0/2"),
        ({"reprocess_spec": "every_job"}, "SUCCESS 2+0/2"),
    ],
    ids=["environment", "parallelism", "reprocess", "every job"],
)
def test_updates(copying: Lab, fields: dict[str, Any], progress: str) -> None:
    copying.update("copy", COPY, ("data", "/*"), **fields)
    assert copying.progress("copy") == progress


def test_another_glob_with_the_same_paths_skips(copying: Lab) -> None:
    copying.update("copy", COPY, ("data", "/[ab]"))
    assert copying.progress("copy") == "SUCCESS 0+2/2"


def test_another_glob_with_other_paths_replaces_everything(copying: Lab) -> None:
    copying.update("copy", "echo all > /pfs/out/all", ("data", "/"))
    assert copying.progress("copy") == "SUCCESS 1+0/1"
    assert copying.files("copy") == {"/all": "all\n"}


def test_every_job_means_every_job(copying: Lab) -> None:
    copying.update("copy", COPY, ("data", "/*"), reprocess_spec="every_job")
    copying.put("data", {"/c": "c"})
    assert copying.progress("copy") == "SUCCESS 3+0/3"


def test_a_pipeline_made_anew_knows_nothing(copying: Lab) -> None:
    copying.client.delete_pipeline("copy")
    copying.create("copy", COPY, ("data", "/*"))
    assert copying.progress("copy") == "SUCCESS 2+0/2"


def test_a_skipped_datum_is_listed_with_the_job_that_ran_it(copying: Lab) -> None:
    first = copying.newest("copy")
    copying.put("data", {"/c": "c"})
    second = copying.wait("copy").job.id
    found = {
        info.data[0].file.path: (info.datum.job.id, pps_pb2.DatumState.Name(info.state))
        for info in copying.client.list_datum("copy", second)
    }
    assert found == {"/a": (first, "SKIPPED"), "/b": (first, "SKIPPED"), "/c": (second, "SUCCESS")}
    ids = [info.datum.id for info in copying.client.list_datum("copy", second)]
    assert ids == sorted(ids)
    skipped = copying.client.list_datum(
        "copy", second, datum_filter=pps_pb2.ListDatumRequest.Filter(state=[pps_pb2.SKIPPED])
    )
    assert len(list(skipped)) == 2
    reverse = copying.client.list_datum("copy", second, number=2, reverse=True, pagination_marker=ids[2])
    assert [info.datum.id for info in reverse] == [ids[1], ids[0]]


def test_jobs_side_by_side_count_as_if_one_after_another(lab: Lab) -> None:
    lab.put("data", {"/0": "0"})
    lab.create("copy", COPY, ("data", "/*"), parallelism_spec={"constant": 4})
    ids = [lab.put("data", {f"/{number}": str(number)}) for number in range(1, 5)]
    assert [lab.progress("copy", id_) for id_ in ids] == [f"SUCCESS 1+{number}/{number + 1}" for number in range(1, 5)]
    assert lab.files("copy") == {f"/{number}": str(number) for number in range(5)}


def test_a_job_starts_again_when_the_job_it_was_to_skip_by_is_killed(lab: Lab, tmp_path: Any) -> None:
    go = tmp_path / "go"
    lab.put("data", {"/a": "a"})
    script = f'test $(basename "$data") = b -o -e {go} || sleep 600; {COPY}'
    first = lab.create("copy", script, ("data", "/*"), parallelism_spec={"constant": 2})
    second = lab.put("data", {"/b": "b"})
    begun = ("started processing job running", second)
    lines = lab.client.get_pipeline_logs("copy", follow=True, master=True)
    next(line for line in lines if (line.message, line.job_id) == begun)
    go.touch()
    lab.client.stop_job(first, "copy")
    assert lab.progress("copy", second) == "SUCCESS 2+0/2"
    assert lab.wait("copy", second).restart == 1
