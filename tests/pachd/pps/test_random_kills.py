"""Whoever of server, guard, worker and command is killed: nothing that hung on it lives on, and the job goes on."""

from __future__ import annotations

import os
import random
import select
import signal
import sys
import time
import uuid
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from python_pachyderm.proto.v2.pps import pps_pb2

from harness.clusters import Options
from harness.clusters.embedded import EmbeddedCluster

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")

DEADLINE = 60  # seconds after which a wait is a failure
# Children of every kind: in the background, of sessions of their own, orphans, and one that ignores what it can.
SCRIPT = """
sleep 1000 &
setsid sh -c 'setsid sleep 1000 & sleep 1000' &
setsid -f sh -c 'trap "" TERM INT HUP; sleep 1000; sleep 1000'
echo up > {pipe}
sleep 1000
"""
VICTIMS = ("server", "guard", "worker", "command", "daemon")


class World:
    """A cluster with a job that never ends; everything in it, whatever becomes of it, carries a mark."""

    def __init__(self, folder: Path, mark: str) -> None:
        self._options = Options(root=folder / "root", allow_host_images=True)
        self._mark = f"HARNESS_MARK={mark}".encode()
        self._running = ExitStack()
        pipe = folder / "pipe"
        os.mkfifo(pipe)
        self._pipe = os.open(pipe, os.O_RDWR)
        self._start()
        self._client.create_repo("data")
        self.put("first")
        self._client.create_pipeline_from_request(
            pps_pb2.CreatePipelineRequest(
                pipeline=pps_pb2.Pipeline(name="p"),
                transform=pps_pb2.Transform(cmd=["sh"], stdin=SCRIPT.format(pipe=pipe).splitlines(), image="host"),
                input=pps_pb2.Input(pfs=pps_pb2.PFSInput(repo="data", glob="/*")),
                datum_tries=1000,
            )
        )

    def put(self, content: str) -> None:
        """Another job, for when this one has lost too many workers."""
        self._client.put_file_bytes(("data", "master"), "/file", content.encode())

    def await_up(self) -> None:
        """Wait until the command and its children run."""
        assert select.select([self._pipe], [], [], DEADLINE)[0], "the command does not run again"
        os.read(self._pipe, 100)

    def kill(self, victim: str, chance: random.Random) -> None:
        """Kill one process and wait for the end of all that may not outlive it."""
        guard = next(pid for pid in children(self._server) if b"harness-worker" in command(pid))
        worker = next(iter(children(guard)))
        user_code = descendants(worker)
        code = children(worker)[0]
        doomed = {"command": user_code, "daemon": [], "worker": [guard, worker, *user_code]}
        doomed |= {"guard": doomed["worker"], "server": self.marked()}
        pids = {"server": self._server, "guard": guard, "worker": worker, "command": code}
        if victim == "daemon":  # not a child that the command waits for, as it would end then
            pids["daemon"] = chance.choice(sorted({*user_code} - {code, *descendants(code)}))
        ends = open_all(doomed[victim])
        with suppress(ProcessLookupError):  # a daemon that has ended by itself
            os.kill(pids[victim], signal.SIGKILL)
        deadline = time.monotonic() + DEADLINE
        for pid, end in ends.items():
            ended = select.select([end], [], [], max(deadline - time.monotonic(), 0))[0]
            assert ended, f"{pid} outlives the {victim}: {command(pid)!r}"
            os.close(end)
        if victim == "server":
            assert self.marked() == []
            self._running.close()
            self._start()

    def marked(self) -> list[int]:
        """Every process of this world that has not ended."""
        return [int(process.name) for process in Path("/proc").glob("[0-9]*") if self._mark in environment(process)]

    def close(self) -> None:
        self._running.close()
        os.close(self._pipe)

    def _start(self) -> None:
        cluster = self._running.enter_context(EmbeddedCluster(self._options))
        assert cluster.pid is not None
        self._server: int = cluster.pid
        self._client: Any = cluster.client()


def environment(process: Path) -> list[bytes]:
    try:
        return (process / "environ").read_bytes().split(b"\0")  # a zombie's is empty
    except OSError:
        return []


def command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def children(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):  # it has ended
        for thread in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (thread / "children").read_text().split())
    return found


def open_all(pids: list[int]) -> dict[int, int]:
    """Descriptors of those that have not ended yet."""
    found = {}
    for pid in pids:
        with suppress(ProcessLookupError):
            found[pid] = os.pidfd_open(pid)
    return found


def descendants(pid: int) -> list[int]:
    found = children(pid)
    for child in found:
        found += children(child)
    return found


@pytest.fixture(params=["", "rewrite"], ids=["namespaces", "rewritten"])
def world(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    mark = uuid.uuid4().hex
    monkeypatch.setenv("HARNESS_MARK", mark)
    monkeypatch.setenv("HARNESS_ISOLATION", request.param)
    world = World(tmp_path, mark)
    yield world
    world.close()
    assert world.marked() == []


def torment(world: World, kills: int, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 -- not for secrets
    for number in range(kills):
        world.await_up()
        victim = VICTIMS[number] if number < len(VICTIMS) else chance.choice(VICTIMS)
        world.kill(victim, chance)
        world.put(f"{number}")
        if victim == "daemon":
            world.kill("command", chance)  # or it would not run again


def test_a_few_kills(world: World) -> None:
    torment(world, 6, seed=1)


@pytest.mark.soak
def test_a_hundred_kills(world: World) -> None:
    torment(world, 100, seed=2)
