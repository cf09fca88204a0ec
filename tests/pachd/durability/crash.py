"""One experiment: the fixed work on a disk that fails once, then what must hold afterwards."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc

from harness.clusters import ClusterError
from tests.pachd.durability.failing import FailingDisk
from tests.pachd.durability.world import World, complaints, settle, world

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pachd.durability.failing import Fault, Operation
    from tests.pachd.durability.workload import Steps

FAILURES = (ClusterError, grpc.RpcError, ConnectionError)  # the last is how python_pachyderm ends a failed get_file


@dataclass(frozen=True)
class Reference:
    """``steps`` without any fault: the ``worlds`` before the first and after each, the ``operations`` that they took.

    ``begun`` says for each step how many operations came before it.
    """

    steps: Steps
    worlds: list[World]
    operations: list[Operation]
    begun: list[int]


@dataclass(frozen=True)
class Outcome:
    """How an experiment went. ``operation``: where the fault struck, None where the work was done before."""

    fault: Fault
    operation: Operation | None
    problem: str = ""

    def __str__(self) -> str:
        return f"{self.fault} ({self.operation}): {self.problem or 'nothing lost'}"


def reference(library: Path, folder: Path, steps: Steps) -> Reference:
    """Do the work once on a disk that works."""
    disk = FailingDisk(library, folder)
    with disk.server() as cluster:
        client = cluster.client()
        worlds, begun = [world(client)], []
        for _, step in steps:
            begun.append(len(disk.operations()))
            step(client)
            worlds.append(world(client))
        assert complaints(client) == []
    return Reference(steps, worlds, disk.operations(), begun)


def crash(library: Path, folder: Path, fault: Fault, expected: Reference) -> Outcome:
    """Do the work until the fault strikes, start again, compare, and finish the work."""
    disk = FailingDisk(library, folder)
    done = _work_until_it_strikes(disk, fault, expected.steps)
    if not disk.ended():
        return Outcome(fault, None, "" if done == len(expected.steps) else f"it stopped after {done} steps")
    operation = disk.operations()[-1]
    try:
        with disk.server() as cluster:
            problem = _problem(cluster.client(), done, expected)
    except FAILURES as error:
        problem = str(error.__cause__ or error)
    after = expected.steps[done - 1][0] if done else "nothing"
    return Outcome(fault, operation, problem and f"after '{after}' (step {done}): {problem}")


def _work_until_it_strikes(disk: FailingDisk, fault: Fault, steps: Steps) -> int:
    """The number of steps that were acknowledged."""
    done = 0
    with suppress(*FAILURES), disk.server(fault) as cluster:
        client = cluster.client()
        for _, step in steps:
            step(client)
            done += 1
            settle(client)
    return done


def _problem(client: Any, done: int, expected: Reference) -> str:
    """What is wrong with a cluster on which ``done`` steps were acknowledged and the next was perhaps in flight."""
    found = world(client)
    possible = expected.worlds[done : done + 2]
    if found not in possible:
        return _difference(possible[0], found)
    if found_wrong := complaints(client):
        return f"the cluster says {found_wrong}"
    for _, step in expected.steps[done + possible.index(found) :]:
        step(client)
        settle(client)
    if (last := world(client)) != expected.worlds[-1]:
        return f"having gone on, {_difference(expected.worlds[-1], last)}"
    return ""


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
