"""What GetLogs tells, and to whom (section 14 of Pachyderm's behaviour)."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.protobuf import duration_pb2
from python_pachyderm.proto.v2.pps import pps_pb2

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tests.conformance.pps.conftest import Lab

    Refused = Callable[[grpc.StatusCode, str], AbstractContextManager[None]]

NO_JOB = "0" * 12 + "4" + "0" * 19
GREP = "echo on $(basename $data); cat $data; grep -q good $data"


def get(pps: Any, name: str = "code", job: str = "", **fields: Any) -> list[Any]:
    named = pps_pb2.Pipeline(name=name)
    if job:
        fields["job"] = pps_pb2.Job(pipeline=named, id=job)
    else:
        fields["pipeline"] = named
    return list(pps.GetLogs(pps_pb2.GetLogsRequest(**fields)))


def texts(lines: list[Any]) -> list[str]:
    return [line.message for line in lines]


def said(lines: list[Any]) -> list[str]:
    return [line.message for line in lines if line.user]


@pytest.fixture
def failed(lab: Lab) -> tuple[Lab, str]:
    """A job with a good and a bad datum, tried twice."""
    lab.put("data", {"/bad": "bad\n", "/good": "good\n"})
    id_ = lab.create("code", GREP, ("data", "/*"), datum_tries=2)
    lab.wait("code", id_)
    return lab, id_


def test_workers_tell_what_they_do(failed: tuple[Lab, str], pps: Any) -> None:
    _, id_ = failed
    lines = [line for line in get(pps, job=id_) if not line.user]
    assert not any(line.master for line in lines)
    for text, times in (
        ("beginning to run user code", 3),
        ("errored running user code after", 2),
        ("finished running user code after", 1),
    ):
        assert sum(line.message.startswith(text) for line in lines) == times
    assert all(line.message.endswith(": exit status 1") for line in lines if "errored running" in line.message)
    assert any(line.message.startswith("started process datum set task") for line in lines)
    assert {(line.project_name, line.pipeline_name, line.job_id) for line in lines} == {("default", "code", id_)}
    assert any("transform spawner process" in text for text in texts(get(pps)))


def test_the_orchestration_tells_what_it_does(failed: tuple[Lab, str], pps: Any) -> None:
    lab, id_ = failed
    lines = get(pps, job=id_, master=True)
    assert all(line.master and not line.user for line in lines)
    [failure] = [text for text in texts(lines) if text.startswith("failing job with reason: ")]
    assert failure == f"failing job with reason: {lab.wait('code', id_).reason}"
    lab.client.delete_file(("data", "master"), "/bad")
    lab.wait("code")
    found = texts(get(pps, job=lab.newest("code"), master=True))
    expected = [
        "started waiting for job inputs",
        "started processing job running",
        "started creating full job datum file set",
        "started creating datum sets",
        "updating job info, state: JOB_RUNNING",
        "job successful, closing commits",
    ]
    assert set(expected) <= set(found)
    assert any(text.startswith("base meta commit for job ") for text in found)
    assert found.index(expected[0]) < found.index(expected[1]) < found.index(expected[5])


def test_filters_name_datums_and_what_they_read(failed: tuple[Lab, str], pps: Any) -> None:
    lab, id_ = failed
    bad, good = sorted(lab.client.list_datum("code", id_), key=lambda info: str(info.data[0].file.path))
    assert said(get(pps, job=id_, datum=good.datum)) == ["on good", "good"]
    assert said(get(pps, job=id_, data_filters=["/bad"])) == ["on bad", "bad"] * 2
    for hash_ in (bad.data[0].hash.hex(), base64.b64encode(bad.data[0].hash).decode()):
        assert said(get(pps, job=id_, data_filters=[hash_, "/bad"])) == ["on bad", "bad"] * 2
        assert get(pps, job=id_, data_filters=[hash_, "/good"]) == []
    assert get(pps, job=id_, data_filters=["/ba"]) == []
    [line] = [line for line in get(pps, job=id_) if line.message == "on good"]
    assert [(part.path, part.hash) for part in line.data] == [("/good", good.data[0].hash)]
    assert line.ts.seconds > 0


def test_a_job_has_its_own_lines(failed: tuple[Lab, str], pps: Any) -> None:
    lab, id_ = failed
    later = lab.put("data", {"/more": "good\n"})
    lab.wait("code", later)
    assert {line.job_id for line in get(pps, job=later)} == {later}
    assert {line.job_id for line in get(pps)} >= {id_, later}


def test_the_last_and_the_latest(failed: tuple[Lab, str], pps: Any) -> None:
    _, id_ = failed
    everything = get(pps, job=id_)
    workers = {line.worker_id for line in everything}
    assert len(get(pps, job=id_, tail=1)) <= len(workers)
    assert texts(get(pps, job=id_, tail=10_000)) == texts(everything)
    assert texts(get(pps, job=id_, since=duration_pb2.Duration(seconds=3600))) == texts(everything)
    assert texts(get(pps, job=id_, since=duration_pb2.Duration(seconds=0))) == texts(everything)
    assert get(pps, job=id_, since=duration_pb2.Duration(nanos=1)) == []


def test_following_goes_on_with_the_next_job(failed: tuple[Lab, str], pps: Any) -> None:
    lab, id_ = failed
    named = pps_pb2.Pipeline(name="code")
    of_pipeline = pps.GetLogs(pps_pb2.GetLogsRequest(pipeline=named, follow=True))
    next(line for line in of_pipeline if line.job_id == id_)
    later = lab.put("data", {"/more": "good\n"})
    of_job = pps.GetLogs(pps_pb2.GetLogsRequest(job=pps_pb2.Job(pipeline=named, id=later), follow=True, master=True))
    assert next(line for line in of_pipeline if line.user and line.message == "on more").job_id == later
    next(line for line in of_job if line.message.startswith("failing job with reason: "))
    of_pipeline.cancel()
    of_job.cancel()


def test_what_a_program_prints_comes_as_lines(lab: Lab, pps: Any) -> None:
    lab.put("data", {"/a": "a"})
    script = r"printf 'caf\351\n'; printf 'tab\there\r\n\n'; head -c 100000 /dev/zero | tr '\0' x; echo; printf last"
    lab.create("code", script, ("data", "/*"))
    lab.wait("code")
    first, second, empty, *long, last = said(get(pps))
    assert (first, second.rstrip("\r"), empty, last) == ("caf\ufffd", "tab\there", "", "last")
    assert "".join(long) == "x" * 100_000


def test_lines_go_with_their_job_and_with_their_pipeline(failed: tuple[Lab, str], pps: Any) -> None:
    lab, id_ = failed
    later = lab.put("data", {"/more": "good\n"})
    lab.wait("code", later)
    lab.client.delete_job(id_, "code")
    assert id_ not in {line.job_id for line in get(pps)}
    assert later in {line.job_id for line in get(pps)}
    lab.client.delete_pipeline("code")
    lab.client.create_repo("empty")
    lab.create("code", "true", ("empty", "/*"))
    lab.wait("code")
    assert later not in {line.job_id for line in get(pps)}


def test_bad_requests(failed: tuple[Lab, str], pps: Any, refused: Refused) -> None:
    _, id_ = failed
    with refused(grpc.StatusCode.UNKNOWN, "pipeline must be specified for the given job"):
        list(pps.GetLogs(pps_pb2.GetLogsRequest(job=pps_pb2.Job(id=id_))))
    with refused(grpc.StatusCode.UNKNOWN, "job is from the wrong pipeline"):
        get(pps, job=id_, pipeline=pps_pb2.Pipeline(name="other"))
    with refused(
        grpc.StatusCode.NOT_FOUND,
        f'could not get job information for "{NO_JOB}": jobs default/code@{NO_JOB} not found',
    ):
        get(pps, job=NO_JOB)
    with pytest.raises(grpc.RpcError, match="could not get pipeline information for default/other: "):
        get(pps, "other")
    for fields in ({"data_filters": ["/a"]}, {"datum": pps_pb2.Datum(id="a")}):
        with pytest.raises(grpc.RpcError, match="must specify the Job or Pipeline that the datum is from"):
            list(pps.GetLogs(pps_pb2.GetLogsRequest(**fields)))
