"""One experiment: the fixed work on a disk that fails once, then what must hold afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc

from harness.clusters import ClusterError
from tests.pachd.durability.failing import FailingDisk
from tests.pachd.durability.workload import STEPS
from tests.pachd.durability.world import World, fsck, settle, world

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pachd.durability.failing import Fault, Operation

FAILURES = (ClusterError, grpc.RpcError, ConnectionError)  # the last is how python_pachyderm ends a failed get_file


@dataclass(frozen=True)
class Reference:
    """The work without any fault: the ``worlds`` before the first step, and after each; the ``operations`` it took."""

    worlds: list[World]
    operations: list[Operation]


@dataclass(frozen=True)
class Outcome:
    """How an experiment went. ``operation``: where the fault struck, None where the work was done before."""

    operation: Operation | None
    problem: str = ""


def reference(library: Path, folder: Path) -> Reference:
    """Do the work once on a disk that works."""
    disk = FailingDisk(library, folder)
    with disk.server() as cluster:
        client = cluster.client()
        worlds = [world(client)]
        for _, step in STEPS:
            step(client)
            worlds.append(world(client))
        assert fsck(client) == []
    return Reference(worlds, disk.operations())


def crash(library: Path, folder: Path, fault: Fault, expected: list[World]) -> Outcome:
    """Do the work until the fault strikes, start again, compare, and finish the work."""
    disk = FailingDisk(library, folder)
    done = _work_until_it_strikes(disk, fault)
    if not disk.ended():
        return Outcome(None, "" if done == len(STEPS) else f"ended without the fault after {done} steps")
    operation = disk.operations()[-1]
    try:
        with disk.server() as cluster:
            return Outcome(operation, _problem(cluster.client(), done, expected))
    except FAILURES as error:
        return Outcome(operation, f"after {_step(done)}: {error.__cause__ or error}")


def _work_until_it_strikes(disk: FailingDisk, fault: Fault) -> int:
    """The number of steps that were acknowledged."""
    done = 0
    try:
        with disk.server(fault) as cluster:
            client = cluster.client()
            for _, step in STEPS:
                step(client)
                done += 1
                settle(client)
    except FAILURES:
        pass
    return done


def _problem(client: Any, done: int, expected: list[World]) -> str:
    """What is wrong with a cluster on which ``done`` steps were acknowledged and the next was perhaps in flight."""
    found = world(client)
    possible = expected[done : done + 2]
    if found not in possible:
        return f"after {_step(done)}: {_difference(possible[0], found)}"
    if complaints := fsck(client):
        return f"after {_step(done)}: fsck says {complaints}"
    for _, step in STEPS[done + possible.index(found) :]:
        step(client)
        settle(client)
    if (last := world(client)) != expected[-1]:
        return f"having gone on after {_step(done)}: {_difference(expected[-1], last)}"
    return ""


def _step(done: int) -> str:
    return f"step {done} ({STEPS[done - 1][0] if done else 'none'})"


def _difference(expected: Any, found: Any, where: str = "") -> str:
    """The first place where two worlds differ."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted(expected.keys() | found.keys()):
            if expected.get(key) != found.get(key):
                return _difference(expected.get(key), found.get(key), f"{where}/{key}")
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for number, (one, other) in enumerate(zip(expected, found, strict=True)):
            if one != other:
                return _difference(one, other, f"{where}/{number}")
    return f"{where} should be {expected!r:.300} but is {found!r:.300}"
