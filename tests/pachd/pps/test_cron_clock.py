"""When crons tick, by a clock that goes when it is told to."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest
from python_pachyderm import Client
from python_pachyderm.proto.v2.pps import pps_pb2

from harness.pachd.pps import versions
from harness.pachd.server import Server, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOON = int(datetime(2023, 7, 1, 12, tzinfo=timezone.utc).timestamp()) * 10**9


@dataclass
class Clock:
    """Nanoseconds since the epoch."""

    now: int = NOON + 1

    def __call__(self) -> int:
        return self.now


@dataclass
class Lab:
    """A server in this process, its client, its clock."""

    server: Server
    client: Any
    clock: Clock

    def create(self, spec: str, name: str = "p", **fields: Any) -> None:
        self.client.create_pipeline_from_request(
            pps_pb2.CreatePipelineRequest(
                pipeline=pps_pb2.Pipeline(name=name),
                transform=pps_pb2.Transform(cmd=["true"], image="host"),
                input=pps_pb2.Input(cron=pps_pb2.CronInput(name="tick", spec=spec)),
                **fields,
            )
        )
        lines = self.client.get_pipeline_logs(name, follow=True)
        next(line for line in lines if "is ready" in line.message)

    def turn(self, **passed: int) -> None:
        """Let time pass, and wake who sleeps until then."""
        seconds = passed.get("minutes", 0) * 60 + passed.get("hours", 0) * 3600
        self.clock.now += seconds * 10**9
        self.server._events.publish([versions.TOPIC])

    def ticks(self, number: int, name: str = "p") -> list[str]:
        """The files in the cron's repo once so many commits of ticks were made."""
        commits = (info for info in self.client.subscribe_commit(f"{name}_tick", "master") if info.origin.kind == 1)
        for _, _ in zip(range(number), commits, strict=False):
            pass
        return [info.file.path for info in self.client.list_file((f"{name}_tick", "master"), "/")]


@contextmanager
def started(folder: Path, clock: Clock) -> Iterator[Lab]:
    server = Server(Settings(folder / "root", folder / "cache", allow_host_images=True, clock=clock))
    server.start()
    try:
        host, _, port = server.address.rpartition(":")
        yield Lab(server, Client(host, int(port)), clock)
    finally:
        server.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_ticks_come_when_they_are_due(tmp_path: Path, clock: Clock) -> None:
    with started(tmp_path, clock) as lab:
        lab.create("@every 1h")
        lab.create("30 13 * * *", name="q")
        lab.turn(minutes=59)
        lab.turn(minutes=1)
        assert lab.ticks(1) == ["/2023-07-01T13:00:00Z"]
        lab.turn(hours=1)
        assert lab.ticks(2) == ["/2023-07-01T13:00:00Z", "/2023-07-01T14:00:00Z"]
        assert lab.ticks(1, "q") == ["/2023-07-01T13:30:00Z"]


def test_a_server_that_was_away_makes_up_for_all_it_missed(tmp_path: Path, clock: Clock) -> None:
    with started(tmp_path, clock) as lab:
        lab.create("@hourly")
        lab.turn(hours=1)
        assert lab.ticks(1) == ["/2023-07-01T13:00:00Z"]
    clock.now += 3 * 3600 * 10**9
    with started(tmp_path, clock) as lab:
        assert lab.ticks(4) == [f"/2023-07-01T{hour}:00:00Z" for hour in (13, 14, 15, 16)]


def test_nothing_ticks_while_the_pipeline_is_stopped(tmp_path: Path, clock: Clock) -> None:
    with started(tmp_path, clock) as lab:
        lab.create("@hourly")
        lab.create("@hourly", name="witness")
        lab.client.stop_pipeline("p")
        lab.turn(hours=2)
        lab.ticks(2, "witness")
        assert lab.ticks(0) == []
        lab.client.start_pipeline("p")
        assert lab.ticks(2) == ["/2023-07-01T13:00:00Z", "/2023-07-01T14:00:00Z"]


def test_what_runs_by_hand_does_not_move_the_schedule(tmp_path: Path, clock: Clock) -> None:
    with started(tmp_path, clock) as lab:
        lab.create("@every 2h")
        lab.turn(hours=1)
        lab.client._PPSMixin__stub.RunCron(pps_pb2.RunCronRequest(pipeline=pps_pb2.Pipeline(name="p")))
        assert lab.ticks(1) == ["/2023-07-01T13:00:00Z"]
        lab.turn(hours=1)
        assert lab.ticks(2) == ["/2023-07-01T13:00:00Z", "/2023-07-01T14:00:00Z"]


def test_why_a_cron_does_not_tick_stands_in_the_log(tmp_path: Path, clock: Clock) -> None:
    with started(tmp_path, clock) as lab:
        lab.client.create_repo("p_tick")
        lab.client.put_file_bytes(("p_tick", "master"), "/zebra", b"")
        lab.create("@hourly")
        lines = lab.client.get_pipeline_logs("p", master=True, follow=True)
        found = next(line.message for line in lines if "errored ticking" in line.message)
        assert found == (
            'errored ticking cron input tick: the last file, "zebra", '
            "is not named by a time such as 2023-07-01T12:00:00Z"
        )
