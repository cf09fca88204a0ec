"""The store does what a model of it does that fits a head, whatever clients ask of it and whenever it stops.

Hypothesis looks for the shortest story in which they differ; ``walks`` takes the same rules for longer ways.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.pachd.model.backends import Backend, InProcess, OverWire
from tests.pachd.model.rules import RULES
from tests.pachd.model.walks import REPOS_AT_FIRST, STEPS_IN_WALK, walk
from tests.pachd.model.world import World

SOAK_STEPS = int(os.environ.get("HARNESS_MODEL_STEPS", "1000000"))
WALKS = 30
randoms = st.randoms(use_true_random=False)


class StoreMachine(RuleBasedStateMachine):
    """Takes the rules in the order in which hypothesis likes them."""

    backend: type[Backend] = InProcess

    def __init__(self) -> None:
        super().__init__()
        self._store = self.backend()
        self.world = World(self._store)

    @initialize(random=randoms)
    def begin(self, random: Any) -> None:
        for _ in range(REPOS_AT_FIRST):
            self.world.take("create_repo", random)

    def teardown(self) -> None:
        self._store.close()


def _rule(name: str) -> Any:
    @rule(random=randoms)
    def take(self: StoreMachine, random: Any) -> None:
        self.world.take(name, random)

    return take


for _name in RULES:
    setattr(StoreMachine, _name, _rule(_name))


class OverWireMachine(StoreMachine):
    backend = OverWire


def explore(machine: type[StoreMachine], examples: int, steps: int) -> None:
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=chosen)


def test_the_store_does_what_the_model_does() -> None:
    explore(StoreMachine, examples=30, steps=40)


def test_over_the_wire_too() -> None:
    explore(OverWireMachine, examples=3, steps=30)


@pytest.mark.parametrize("seed", range(WALKS))
def test_on_long_walks(seed: int) -> None:
    walk(seed)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_on_very_many_steps() -> None:
    for seed in range(WALKS, WALKS + SOAK_STEPS // STEPS_IN_WALK):
        walk(seed)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_over_the_wire_on_many_steps() -> None:
    for seed in range(SOAK_STEPS // STEPS_IN_WALK // 50):
        walk(seed, backend=OverWire)
