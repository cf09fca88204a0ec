"""Operations on the disk fail now and then: calls say so, change nothing, and succeed when asked again.

All in one server process: nobody has to start it again.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import grpc
import pytest

from harness.clusters import ClusterError
from tests.pachd.durability.crash import reference
from tests.pachd.durability.failing import Fault
from tests.pachd.durability.workload import CALLS, attempt
from tests.pachd.durability.world import complaints, world

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pachd.durability.crash import Reference
    from tests.pachd.durability.failing import FailingDisk

STEPS = [(name, step) for name, step in CALLS if "pipeline" not in name]  # what jobs make of it is another promise
CODES = {"enospc": grpc.StatusCode.RESOURCE_EXHAUSTED, "eio": grpc.StatusCode.INTERNAL}
MOST_REFUSALS = 500


@pytest.fixture(scope="module")
def work(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """What the steps lead to on a disk that works."""
    return reference(library, tmp_path_factory.mktemp("reference"), STEPS)


@pytest.mark.parametrize("kind", CODES)
def test_a_refused_call_changes_nothing(disk: FailingDisk, work: Reference, kind: str) -> None:
    refusals = 0
    with disk.server(Fault(kind, work.begun[0] + 1, every=60, seed=1)) as cluster:
        client = cluster.client()
        for number, (name, step) in enumerate(STEPS):
            for code in iter(partial(attempt, step, client), None):
                refusals += 1
                assert code is CODES[kind], name
                assert world(client) == work.worlds[number], name
                assert refusals < MOST_REFUSALS, name
        assert world(client) == work.worlds[-1]
        assert complaints(client) == []
    assert refusals
    with disk.server() as cluster:
        assert world(cluster.client()) == work.worlds[-1]
        assert complaints(cluster.client()) == []


@pytest.mark.parametrize("at", [1, 40])
@pytest.mark.parametrize("kind", CODES)
def test_a_server_that_cannot_start_says_why(disk: FailingDisk, kind: str, at: int) -> None:
    reason = f"cannot use {disk.root} as data directory: .*(disk|database|Input/output error)"
    with pytest.raises(ClusterError, match=reason), disk.server(Fault(kind, at, count=1_000_000)):
        pytest.fail("it started")
    with disk.server() as cluster:
        assert list(cluster.client().list_repo()) == []
