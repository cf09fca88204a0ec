"""Cron inputs: ticks are commits of empty files that are named by their times; each makes a job."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from python_pachyderm.proto.v2.pps import pps_pb2

if TYPE_CHECKING:
    from tests.conformance.conftest import Refused
    from tests.conformance.pps.conftest import Lab

TICK = re.compile(r"/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
SCRIPT = "cp /pfs/tick/* /pfs/out/"
THIS_YEAR = datetime.now(timezone.utc).year
LAST_YEARS = [f"/{THIS_YEAR - back}-01-01T00:00:00Z" for back in (1, 0)]


def cron(years_back: int | None = None, **fields: Any) -> Any:
    """A cron input that is never due, or one that began in the middle of a year before and has two ticks to make."""
    given = pps_pb2.CronInput(name="tick", spec="@never", **fields)
    if years_back is not None:
        given.spec = "@yearly"
        given.start.FromDatetime(datetime(THIS_YEAR - years_back, 6, 1))  # noqa: DTZ001 -- protobuf takes it for UTC
    return pps_pb2.Input(cron=given)


def create(lab: Lab, given: Any, name: str = "p", **fields: Any) -> str:
    lab.client.create_pipeline_from_request(
        pps_pb2.CreatePipelineRequest(
            pipeline=pps_pb2.Pipeline(name=name),
            transform=pps_pb2.Transform(cmd=["sh"], stdin=[SCRIPT], image="ubuntu:20.04"),
            input=given,
            **fields,
        )
    )
    return lab.newest(name)


def run(pps: Any, name: str = "p") -> None:
    pps.RunCron(pps_pb2.RunCronRequest(pipeline=pps_pb2.Pipeline(name=name)))


def until_ticked(lab: Lab, times: int, repo: str = "p_tick") -> list[Any]:
    """The commits of so many ticks, oldest first, once they are there."""
    commits = []
    for info in lab.client.subscribe_commit(repo, "master"):
        commits += [info] if info.origin.kind == 1 else []
        if len(commits) == times:
            break
    return commits


def test_a_cron_makes_its_repo_and_waits(lab: Lab) -> None:
    first = create(lab, cron())
    assert lab.progress("p", first) == "SUCCESS 0+0/0"
    [repo] = [info for info in lab.client.list_repo() if info.repo.name == "p_tick"]
    assert repo.description == "Cron tick repo for pipeline default/p."
    given = lab.inspect("p").details.input.cron
    assert (given.repo, given.project, given.spec) == ("p_tick", "default", "@never")
    assert given.start.seconds > 1_600_000_000
    lab.client.delete_pipeline("p")
    assert not list(lab.client.list_repo())


def test_run_cron_ticks_at_once(lab: Lab, pps: Any) -> None:
    create(lab, cron())
    run(pps)
    assert lab.progress("p") == "SUCCESS 1+0/1"
    [(path, text)] = lab.files("p").items()
    assert TICK.fullmatch(path)
    assert text == ""
    assert lab.files("p_tick") == lab.files("p")


def test_missed_ticks_are_made_up_for_one_by_one(lab: Lab) -> None:
    create(lab, cron(2))
    ticks = until_ticked(lab, 2)
    assert [sorted(lab.files("p_tick", info.commit.id)) for info in ticks] == [LAST_YEARS[:1], LAST_YEARS]
    assert [lab.progress("p", info.commit.id) for info in ticks] == ["SUCCESS 1+0/1", "SUCCESS 1+1/2"]
    assert sorted(lab.files("p")) == LAST_YEARS


def test_overwrite_keeps_one_tick(lab: Lab) -> None:
    create(lab, cron(2, overwrite=True))
    ticks = until_ticked(lab, 2)
    assert [lab.progress("p", info.commit.id) for info in ticks] == ["SUCCESS 1+0/1", "SUCCESS 1+0/1"]
    assert list(lab.files("p_tick")) == list(lab.files("p")) == LAST_YEARS[1:]


def test_ticks_go_on_behind_the_last_file_when_a_pipeline_starts_again(lab: Lab) -> None:
    lab.put("ticks", {LAST_YEARS[0]: ""})
    create(lab, cron(9, repo="ticks"))
    until_ticked(lab, 2, "ticks")
    assert sorted(lab.files("ticks")) == LAST_YEARS
    lab.client.stop_pipeline("p")
    lab.client.delete_file(("ticks", "master"), LAST_YEARS[1])
    assert list(lab.files("ticks")) == LAST_YEARS[:1]
    lab.client.start_pipeline("p")
    until_ticked(lab, 4, "ticks")
    assert sorted(lab.files("ticks")) == LAST_YEARS


def test_a_file_that_is_no_time_stops_the_ticking(lab: Lab, pps: Any) -> None:
    lab.put("ticks", {"/zebra": ""})
    create(lab, cron(9, repo="ticks"))
    create(lab, cron(2), name="q")
    until_ticked(lab, 2, "q_tick")
    assert list(lab.files("ticks")) == ["/zebra"]


def test_several_crons_tick_together_in_commits_of_their_own(lab: Lab, pps: Any) -> None:
    crons = [pps_pb2.Input(cron=pps_pb2.CronInput(name=name, spec="@never")) for name in "ab"]
    lab.client.create_pipeline_from_request(
        pps_pb2.CreatePipelineRequest(
            pipeline=pps_pb2.Pipeline(name="p"),
            transform=pps_pb2.Transform(cmd=["true"], image="ubuntu:20.04"),
            input=pps_pb2.Input(cross=crons),
        )
    )
    run(pps)
    assert lab.files("p_a") == lab.files("p_b")
    assert len(lab.jobs("p")) == 3
    assert [lab.progress("p", job) for job in reversed(lab.jobs("p"))] == [
        *("SUCCESS 0+0/0", "SUCCESS 0+0/0", "SUCCESS 1+0/1")
    ]


def test_what_cannot_tick(lab: Lab, pps: Any, refused: Refused) -> None:
    with pytest.raises(grpc.RpcError, match=r'pipeline "default/nobody" not found') as error:
        run(pps, "nobody")
    assert error.value.code() == grpc.StatusCode.NOT_FOUND
    lab.put("data", {"/a": "a"})
    lab.create("p", "true", ("data", "/"))
    with refused(grpc.StatusCode.UNKNOWN, "pipeline doesn't have a cron input"):
        run(pps)
