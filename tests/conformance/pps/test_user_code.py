"""What user code sees and may do: its environment, attempts, recovery, time limits, exit codes, and what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from python_pachyderm.proto.v2.pps import pps_pb2

if TYPE_CHECKING:
    from tests.conformance.pps.conftest import Lab


def one(lab: Lab, shell: str, **fields: Any) -> Any:
    """The ended job of a pipeline ``code`` over one file."""
    lab.put("data", {"/dir/file": "text"})
    lab.create("code", shell, ("data", "/*"), **fields)
    return lab.wait("code")


def messages(lab: Lab, **filters: Any) -> list[str]:
    return [line.message for line in lab.client.get_pipeline_logs("code", **filters)]


def test_the_environment_names_the_datum(lab: Lab) -> None:
    info = one(lab, "env > /pfs/out/env", transform={"env": {"COLOUR": "blue"}})
    env = dict(line.split("=", 1) for line in lab.files("code")["/env"].splitlines())
    [datum] = lab.client.list_datum("code", info.job.id)
    put = next(lab.client.list_commit("data")).commit.id
    assert env["COLOUR"] == "blue"
    assert env["data"].endswith("/pfs/data/dir")
    assert env["data_COMMIT"] == put
    assert env["PACH_DATUM_ID"] == datum.datum.id
    assert env["PACH_JOB_ID"] == env["PACH_OUTPUT_COMMIT_ID"] == info.job.id
    assert (env["PPS_PIPELINE_NAME"], env["PPS_PROJECT_NAME"]) == ("code", "default")
    assert env["PPS_SPEC_COMMIT"] == lab.inspect("code").spec_commit.id


@pytest.mark.parametrize(("tries", "state"), [(2, "FAILURE"), (3, "SUCCESS")])
def test_a_datum_is_tried_again(lab: Lab, tmp_path: Any, tries: int, state: str) -> None:
    counter = tmp_path / "attempts"
    info = one(lab, f"mkdir -p {tmp_path}; echo x >> {counter}; test $(wc -l < {counter}) -ge 3", datum_tries=tries)
    assert pps_pb2.JobState.Name(info.state) == f"JOB_{state}"
    assert info.restart == 0
    errors = [text for text in messages(lab) if text.startswith("errored running user code after")]
    assert len(errors) == 2
    assert all(text.endswith(": exit status 1") for text in errors)


def test_a_recovered_datum_gives_nothing_and_is_always_run_again(lab: Lab) -> None:
    info = one(lab, "echo x > /pfs/out/x; false", transform={"err_cmd": ["true"]})
    assert (info.state, info.data_recovered, info.data_processed) == (pps_pb2.JOB_SUCCESS, 1, 0)
    assert lab.files("code") == {}
    [datum] = lab.client.list_datum("code", info.job.id)
    assert datum.state == pps_pb2.RECOVERED
    lab.put("data", {"/other": ""})
    again = lab.wait("code")
    assert (again.data_recovered, again.data_skipped) == (2, 0)


def test_an_accepted_exit_code_is_success(lab: Lab) -> None:
    assert one(lab, "exit 3", transform={"accept_return_code": [3]}).state == pps_pb2.JOB_SUCCESS


def test_a_datum_has_no_more_than_its_time(lab: Lab) -> None:
    info = one(lab, "sleep 600", datum_timeout={"nanos": 100_000_000}, datum_tries=1)
    assert info.state == pps_pb2.JOB_FAILURE
    assert any("context deadline exceeded" in text for text in messages(lab))


def test_a_name_that_pfs_cannot_have_fails_the_datum(lab: Lab) -> None:
    info = one(lab, "echo x > '/pfs/out/a*b'", datum_tries=1)
    assert info.state == pps_pb2.JOB_FAILURE
    assert any("name cannot be represented in PFS" in text for text in messages(lab))


def test_links_to_inputs_become_their_files(lab: Lab) -> None:
    one(lab, "ln -s /pfs/data/dir/file /pfs/out/link; ln -s /pfs/data /pfs/out/all; mkfifo /pfs/out/pipe")
    assert lab.files("code") == {"/link": "text", "/all/dir/file": "text"}


def test_lines_are_told_apart(lab: Lab) -> None:
    info = one(lab, "echo out; echo err >&2")
    [datum] = lab.client.list_datum("code", info.job.id)
    lines = list(lab.client.get_job_logs("code", info.job.id))
    assert sorted(line.message for line in lines if line.user) == ["err", "out"]
    assert {line.datum_id for line in lines if "datum set task" not in line.message} == {datum.datum.id}
    assert not any(line.master for line in lines)
    assert {part.path for line in lines for part in line.data} == {"/dir/"}
    masters = list(lab.client.get_pipeline_logs("code", master=True))
    assert any(line.message == "updating job info, state: JOB_RUNNING" for line in masters)
    assert all(line.master for line in masters)
    assert messages(lab, data_filters=["/nothing"]) == []
    assert "out" in messages(lab, data_filters=["/dir/"])


@pytest.mark.parametrize("master", [False, True])
def test_following_a_silent_pipeline_gives_lines(lab: Lab, master: bool) -> None:
    one(lab, "true")
    assert next(lab.client.get_pipeline_logs("code", follow=True, master=master)).pipeline_name == "code"


def test_a_datum_tells_how_it_was_executed(lab: Lab) -> None:
    info = one(lab, "cat /pfs/data/dir/file > /pfs/out/file")
    [listed] = lab.client.list_datum("code", info.job.id)
    datum = lab.client.inspect_datum("code", info.job.id, listed.datum.id)
    assert datum.state == pps_pb2.SUCCESS
    assert datum.datum.job == info.job
    assert (datum.stats.download_bytes, datum.stats.upload_bytes) == (4, 4)
    assert [part.file.path for part in datum.data] == ["/dir/"]
    assert datum.image_id
    meta = {path.replace(datum.datum.id, "ID") for path in lab.files_of(datum.pfs_state.commit)}
    assert meta == {"/meta/ID/meta", "/pfs/ID/.env", "/pfs/ID/data/dir/file", "/pfs/ID/out/file"}
    assert datum.pfs_state.path == f"/pfs/{datum.datum.id}"


def test_workers_work_at_the_same_time(lab: Lab, tmp_path: Any) -> None:
    lab.put("data", {"/a": "", "/b": ""})
    meet = f"mkdir -p {tmp_path}; touch {tmp_path}/$(basename $data); "
    meet += f"while test ! -e {tmp_path}/a -o ! -e {tmp_path}/b; do sleep 0.02; done"
    timeout = {"seconds": 20}
    lab.create("code", meet, ("data", "/*"), parallelism_spec={"constant": 2}, datum_timeout=timeout, datum_tries=1)
    assert lab.progress("code") == "SUCCESS 2+0/2"


def test_a_running_job_tells_who_works_on_what(lab: Lab) -> None:
    lab.put("data", {"/a": ""})
    id_ = lab.create("code", "sleep 600", ("data", "/*"))
    next(line for line in lab.client.get_pipeline_logs("code", follow=True) if line.datum_id)
    [status] = next(lab.client.inspect_job(id_, "code", details=True)).details.worker_status
    assert (status.job_id, [part.path for part in status.datum_status.data]) == (id_, ["/a"])


def test_empty_files_have_names_only(lab: Lab) -> None:
    lab.put("data", {"/a": "text"})
    leaf = pps_pb2.PFSInput(repo="data", glob="/", empty_files=True)
    request = pps_pb2.CreatePipelineRequest(
        pipeline=pps_pb2.Pipeline(name="code"),
        transform=pps_pb2.Transform(cmd=["sh"], stdin=["wc -c < /pfs/data/a > /pfs/out/size"], image="ubuntu:20.04"),
        input=pps_pb2.Input(pfs=leaf),
    )
    lab.client.create_pipeline_from_request(request)
    assert lab.wait("code").state == pps_pb2.JOB_SUCCESS
    assert lab.files("code")["/size"].strip() == "0"


def test_user_code_may_scribble_on_its_inputs(lab: Lab) -> None:
    lab.put("data", {"/dir/file": "text"})
    shell = "echo more >> /pfs/data/dir/file; echo new > /pfs/data/dir/new; cp -r /pfs/data/dir /pfs/out"
    lab.create("code", shell, ("data", "/*"))
    assert lab.progress("code") == "SUCCESS 1+0/1"
    assert lab.files("code") == {"/dir/file": "textmore\n", "/dir/new": "new\n"}
    assert lab.files("data") == {"/dir/file": "text"}
    lab.update("code", "cp -r /pfs/data/dir /pfs/out", ("data", "/*"), reprocess=True)
    assert lab.progress("code") == "SUCCESS 1+0/1"
    assert lab.files("code") == {"/dir/file": "text"}
