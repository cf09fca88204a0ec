"""Long random walks: a driver without hypothesis's costs, for millions of steps over the same rules.

By hand: ``python -m tests.pachd.model.walks --steps 1000000 --seed 1``.
"""

from __future__ import annotations

import argparse
import time
from random import Random
from typing import TYPE_CHECKING

from tests.pachd.model.backends import InProcess
from tests.pachd.model.rules import RULES
from tests.pachd.model.world import Step, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pachd.model.backends import Backend

STEPS_IN_WALK = 150  # each walk begins with an empty store, so that it stays small
REPOS_AT_FIRST = 4
SPENT = 60.0  # seconds for making a failure small


class WalkError(AssertionError):
    """What a walk found: its seed, the fewest steps that still show it, and what they were."""


def walk(seed: int, steps: int = STEPS_IN_WALK, backend: Callable[[], Backend] = InProcess) -> None:
    """Take the steps that follow from ``seed``. Raises WalkError."""
    chosen = choose(Random(seed), steps)  # noqa: S311 -- chance that can be repeated
    if fault(chosen, backend):
        fewest = shrink(chosen, lambda part: bool(fault(part, backend)))
        raise WalkError(f"seed {seed}, {len(fewest)} of {steps} steps:\n{fault(fewest, backend)}\n{fewest}")


def choose(random: Random, steps: int) -> list[Step]:
    """Steps at random, after a few repos to have them in."""
    weights = [weight for _, weight in RULES.values()]
    rules = ["create_repo"] * REPOS_AT_FIRST + random.choices(list(RULES), weights, k=steps - REPOS_AT_FIRST)
    return [Step(rule, random.getrandbits(32)) for rule in rules]


def fault(steps: list[Step], backend: Callable[[], Backend]) -> str:
    """What goes wrong when these steps are taken, with what they did; empty where nothing does."""
    store = backend()
    world = World(store)
    try:
        for step in steps:
            world.take(step.rule, Random(step.seed))  # noqa: S311 -- as above
        world.check(Random(0))  # noqa: S311 -- as above
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is to be told with what led to it
        return "\n".join((*world.history, f"{type(error).__name__}: {error}"))
    finally:
        store.close()
    return ""


def shrink(steps: list[Step], fails: Callable[[list[Step]], bool]) -> list[Step]:
    """Leave out as many steps as can be while it still fails (delta debugging), for a limited time."""
    end = time.monotonic() + SPENT
    size = len(steps) // 2
    while size:
        place = 0
        while place < len(steps) and time.monotonic() < end:
            fewer = steps[:place] + steps[place + size :]
            if fails(fewer):
                steps = fewer
            else:
                place += size
        size //= 2
    return steps


def main() -> None:
    """Walk until so many steps were taken, telling of every failure and going on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0, help="of the first walk; each takes the next")
    options = parser.parse_args()
    began, failures = time.monotonic(), 0
    for number in range(1, options.steps // STEPS_IN_WALK + 2):
        try:
            walk(options.seed + number)
        except WalkError as failure:
            failures += 1
            print(f"FAILURE {failures}: {failure}", flush=True)
        if number % 100 == 0:
            taken = number * STEPS_IN_WALK
            rate = taken / (time.monotonic() - began)
            print(f"{taken} steps, {failures} failures, {rate:.0f} steps/s", flush=True)
    print(f"done: at least {options.steps} steps, {failures} failures", flush=True)


if __name__ == "__main__":
    main()
