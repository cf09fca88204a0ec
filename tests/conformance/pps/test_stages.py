"""What executing datums makes of a job: its counters, sums and commits, also where datums get into each other's way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from python_pachyderm.proto.v2.pps import pps_pb2

if TYPE_CHECKING:
    from tests.conformance.pps.conftest import Lab

COPY = 'cp -r "$data" /pfs/out/'


def test_a_new_datum_that_fails_ends_the_job_before_anything_is_skipped(lab: Lab) -> None:
    lab.put("data", {"/a": "a", "/b": "b"})
    lab.create("copy", f'{COPY}; grep -qv bad "$data"', ("data", "/*"))
    assert lab.progress("copy") == "SUCCESS 2+0/2"
    lab.put("data", {"/a": "A", "/c": "bad", "/d": "d"})
    info = lab.wait("copy")
    assert (info.state, info.restart) == (pps_pb2.JOB_FAILURE, 0)
    counted = (info.data_processed, info.data_failed, info.data_skipped, info.data_total)
    assert counted == (1, 1, 0, 4)  # d too was executed; a, which has changed, was not yet
    assert info.reason == next(
        f"datum {datum.datum.id} failed"
        for datum in lab.client.list_datum("copy", info.job.id)
        if datum.state == pps_pb2.FAILED
    )


def test_a_changed_datum_that_fails_ends_the_job_after_skipping(lab: Lab) -> None:
    lab.put("data", {"/a": "a", "/b": "b"})
    lab.create("copy", f'{COPY}; grep -qv bad "$data"', ("data", "/*"))
    assert lab.progress("copy") == "SUCCESS 2+0/2"
    lab.put("data", {"/a": "bad", "/c": "c"})
    info = lab.wait("copy")
    assert info.state == pps_pb2.JOB_FAILURE
    assert (info.data_processed, info.data_failed, info.data_skipped, info.data_total) == (1, 1, 1, 3)


def test_sums_are_those_of_the_executed_datums(lab: Lab) -> None:
    lab.put("data", {"/a": "a", "/b": "bb"})
    lab.create("copy", COPY, ("data", "/*"))
    first = lab.wait("copy")
    lab.put("data", {"/c": "ccc", "/d": "dddd"})
    second = lab.wait("copy")
    for info, size in ((first, 3), (second, 7)):
        assert (info.stats.download_bytes, info.stats.upload_bytes) == (size, size)
        own = [datum.stats for datum in lab.client.list_datum("copy", info.job.id) if datum.datum.job == info.job]
        for field in ("download_time", "process_time", "upload_time"):
            total = getattr(info.stats, field).ToNanoseconds()
            assert total == sum(getattr(stats, field).ToNanoseconds() for stats in own) > 0


def test_a_file_where_another_datum_has_a_directory_fails_the_job(lab: Lab) -> None:
    lab.put("data", {"/a": "", "/b": ""})
    script = "if test $(basename $data) = a; then echo > /pfs/out/x; else mkdir /pfs/out/x; echo > /pfs/out/x/y; fi"
    lab.create("clash", script, ("data", "/*"))
    info = lab.wait("clash")
    assert (info.state, info.reason) == (pps_pb2.JOB_FAILURE, "file / directory path collision (/x/y)")
    assert info.data_processed == 2


def test_a_path_may_pass_from_one_datum_to_another_in_one_job(lab: Lab) -> None:
    lab.put("data", {"/a": "x", "/b": "y"})
    lab.create("named", 'basename $data > /pfs/out/$(cat "$data")', ("data", "/*"))
    assert lab.files("named") == {"/x": "a\n", "/y": "b\n"} if lab.wait("named") else None
    lab.put("data", {"/a": "y", "/b": "x"})
    assert lab.progress("named") == "SUCCESS 2+0/2"
    assert lab.files("named") == {"/x": "b\n", "/y": "a\n"}
    with lab.client.commit("data", "master") as commit:
        lab.client.delete_file(commit, "/a")
        lab.client.put_file_bytes(commit, "/c", b"y")
    assert lab.progress("named") == "SUCCESS 1+1/2"
    assert lab.files("named") == {"/x": "b\n", "/y": "c\n"}


def test_what_the_datums_of_gone_files_gave_goes_from_both_commits(lab: Lab) -> None:
    lab.put("data", {"/a": "a", "/b": "b"})
    lab.create("copy", COPY, ("data", "/*"))
    first = lab.wait("copy")
    meta = next(iter(lab.client.list_datum("copy", first.job.id))).datum.id
    with lab.client.commit("data", "master") as commit:
        lab.client.delete_file(commit, "/")
    info = lab.wait("copy")
    assert (info.state, info.data_total) == (pps_pb2.JOB_SUCCESS, 0)
    assert lab.files("copy") == {}
    assert list(lab.client.list_datum("copy", info.job.id)) == []
    assert lab.files_of(lab.client.inspect_datum("copy", first.job.id, meta).pfs_state.commit) != {}
