"""The server may stop at any operation on the disk, and the power with it: nothing acknowledged is lost.

One run of the fixed work per operation: the process or the power ends there, a new server starts on what is left, and a
client must see the world as before or after the call that was in flight. The quick tests take a sample of operations,
some of every sort; the long ones take all, one after another, until the work is done before the fault strikes.
"""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count, zip_longest
from typing import TYPE_CHECKING

import pytest

from tests.pachd.durability import workload
from tests.pachd.durability.crash import Outcome, Reference, crash, reference
from tests.pachd.durability.failing import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

AT_ONCE = os.cpu_count() or 1
KINDS = ("kill", "power", "reorder")


@dataclass(frozen=True)
class Plan:
    """What to do, how many operations the quick test tries, and from which step on."""

    steps: workload.Steps
    tries: int
    first_step: int


PLANS = {"calls": Plan(workload.CALLS, 24, 0), "collection": Plan(workload.COLLECTION, 12, 4)}


@pytest.fixture(scope="module", params=PLANS)
def plan(request: pytest.FixtureRequest) -> Plan:
    """What to do."""
    return PLANS[request.param]


@pytest.fixture(scope="module")
def work(plan: Plan, library: Path, tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """It, done once without any fault."""
    return reference(library, tmp_path_factory.mktemp("reference"), plan.steps)


def sample(work: Reference, plan: Plan, seed: int) -> list[int]:
    """Operations to try: by turns one of each sort, so that the rare ones are among them."""
    begin = work.begun[plan.first_step] if plan.first_step else 0  # the start of the server is work too
    sorts = defaultdict(list)
    for at, operation in enumerate(work.operations[begin:], begin + 1):
        if not operation.where.startswith(("/scratch", "/logs")):  # what may be lost
            sorts[operation].append(at)
    chance = random.Random(seed)  # noqa: S311 -- the same operations in every run
    for points in sorts.values():
        chance.shuffle(points)
    turns = zip_longest(*sorts.values())
    return [at for turn in turns for at in turn if at is not None][: plan.tries]


def run(library: Path, folder: Path, work: Reference, faults: Iterable[Fault]) -> list[Outcome]:
    """Several experiments at once; the folders of those that went wrong are left to be looked at."""

    def one(fault: Fault) -> Outcome:
        place = folder / f"{fault.kind}-{fault.at}"
        outcome = crash(library, place, fault, work)
        if not outcome.problem:
            shutil.rmtree(place)
        return outcome

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, faults))


def judge(outcomes: list[Outcome]) -> None:
    """Report what was tried and fail where anything was lost."""
    struck = Counter(f"{outcome.fault.kind}: {outcome.operation}" for outcome in outcomes if outcome.operation)
    print(f"{sum(struck.values())} crashes", *(f"{times:5} {what}" for what, times in sorted(struck.items())), sep="\n")
    assert struck
    assert [str(outcome) for outcome in outcomes if outcome.problem] == []


def test_a_sample_of_crashes(plan: Plan, work: Reference, library: Path, tmp_path: Path) -> None:
    faults = [Fault(KINDS[turn % len(KINDS)], at, seed=at) for turn, at in enumerate(sample(work, plan, seed=1))]
    judge(run(library, tmp_path, work, faults))


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_every_crash(work: Reference, library: Path, tmp_path: Path, kind: str) -> None:
    outcomes: list[Outcome] = []
    for first in count(1, AT_ONCE):
        outcomes += run(library, tmp_path, work, [Fault(kind, at, seed=at) for at in range(first, first + AT_ONCE)])
        if any(outcome.operation is None for outcome in outcomes[-AT_ONCE:]):
            break
    judge(outcomes)
