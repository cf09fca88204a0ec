"""One store and one model, taken through the same steps."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, NamedTuple

from tests.pachd.model import views
from tests.pachd.model.comparing import Difference, Observer, outcome, same
from tests.pachd.model.model import Model
from tests.pachd.model.rules import RULES, reference

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.pachd.model.backends import Backend
    from tests.pachd.model.calls import Call
    from tests.pachd.model.names import Commit

BETWEEN_CHECKS = 20  # steps


class Step(NamedTuple):
    """A rule and the seed of its choices: what it does follows from both and from what there is."""

    rule: str
    seed: int


class World:
    """``history`` tells what was done so far, in words."""

    def __init__(self, backend: Backend, *, comparing: bool = True) -> None:
        self.history: list[str] = []
        self._backend = backend
        self._comparing = comparing
        self._ids: list[str] = []
        self._model = Model(self._next_id)
        self._observer = Observer(backend)
        self._steps = 0

    def take(self, rule: str, random: Random) -> None:
        """One step. Raises Difference."""
        if rule in ("restart", "crash"):
            self.history.append(rule)
            self._backend.restart(crash=rule == "crash")
        elif rule == "look":
            ref = reference(random, self._model.state)
            self.history.append(f"look at {ref!r}")
            self._observer.resolution(self._model.state, ref)
        else:
            self._call(RULES[rule][0](random, self._model.state))
        self._steps += 1
        if self._comparing and self._steps % BETWEEN_CHECKS == 0:
            self.check(random)

    def check(self, random: Random) -> None:
        """Compare everything. Raises Difference."""
        self._observer.everything(self._model.state, random)

    def _call(self, call: Call) -> None:
        self.history.append(str(call))
        before = self._model.state
        store = outcome(lambda: self._reply(call))
        known = {commit.id for commit in before.commits}
        self._ids = self._observer.unknown_ids(known.__contains__) if not isinstance(store, tuple) else []
        model = outcome(lambda: getattr(self._model, call.snake)(**call.fields))
        same(str(call), store, model)
        if self._ids:
            raise Difference(f"{call}: the store made commits {self._ids} that the model does not know")
        if self._comparing:
            self._observer.changes(before, self._model.state)

    def _reply(self, call: Call) -> Commit | None:
        reply = self._backend.call(call.rpc, call.request())
        return views.seen_key(reply) if call.rpc == "StartCommit" else None

    def _next_id(self) -> str:
        return self._ids.pop(0) if self._ids else "an id of a commit that the store did not make"


def chosen(random: Random, steps: int) -> list[Step]:
    """Steps at random."""
    names = [*RULES, "look", "restart", "crash"]
    weights = [*(weight for _, weight in RULES.values()), 5, 0.2, 0.2]
    return [Step(rule, random.getrandbits(32)) for rule in random.choices(names, weights, k=steps)]


def run(world: World, steps: Iterable[Step]) -> None:
    """Take all steps, then compare everything."""
    for step in steps:
        world.take(step.rule, Random(step.seed))  # noqa: S311 -- chance that can be repeated
    world.check(Random(0))  # noqa: S311 -- as above
