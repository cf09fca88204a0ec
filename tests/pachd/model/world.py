"""One store and one model, taken through the same steps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tests.pachd.model import views
from tests.pachd.model.calls import Call
from tests.pachd.model.chance import NO_ID
from tests.pachd.model.comparing import DifferenceError, outcome, same
from tests.pachd.model.names import Refused
from tests.pachd.model.observing import Observer
from tests.pachd.model.rules import RULES, Collect, Restart
from tests.pachd.model.transactions import Transactions

if TYPE_CHECKING:
    from random import Random

    from tests.pachd.model.backends import Backend

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
        self._model = Transactions(self._next_id)
        self._observer = Observer(backend)
        self._steps = 0

    def take(self, rule: str, random: Random) -> None:
        """One step. Raises DifferenceError."""
        step = RULES[rule][0](random, self._model)
        self.history.append(str(step))
        if isinstance(step, Call):
            self._call(step)
        elif isinstance(step, Restart):
            self._backend.restart(crash=step.crash)
        elif isinstance(step, Collect):
            self._backend.collect()
        else:
            self._observer.resolution(self._model.state, step)
        self._steps += 1
        if self._comparing and self._steps % BETWEEN_CHECKS == 0:
            self.check(random)

    def check(self, random: Random) -> None:
        """Compare everything. Raises DifferenceError."""
        self._observer.everything(self._model.state, random)
        self._observer.transactions(self._model.stored)

    def _call(self, call: Call) -> None:
        before = self._model.state
        store = outcome(lambda: self._reply(call))
        self._ids = self._new_ids(call, store)
        model = outcome(lambda: self._model.run(call))
        if not isinstance(model, Refused):
            self._model.fire_triggers()
        same(str(call), store, model)
        if self._ids and not isinstance(store, Refused):
            raise DifferenceError(f"{call}: the store made commits {self._ids} that the model does not know")
        if self._comparing:
            self._observer.changes(before, self._model.state)

    def _reply(self, call: Call) -> object:
        reply = self._backend.call(call.rpc, call.request(), call.transaction)
        if call.rpc == "StartCommit":
            return views.seen_key(reply)
        if call.rpc == "StartTransaction":
            return reply.id
        if call.rpc in ("FinishTransaction", "BatchTransaction"):
            return [views.seen_key(made.commit) if made.HasField("commit") else None for made in reply.responses]
        return None

    def _new_ids(self, call: Call, store: object) -> list[str]:
        """The ids that the model cannot know, in the order in which it will ask for them."""
        known = {*self._model.stored, *(commit.id for commit in self._model.state.commits)}
        if isinstance(store, Refused):  # the id of what came to nothing may be named
            named = re.findall("[0-9a-f]{32}", store.text) if call.rpc in ("BatchTransaction", "ModifyFile") else []
            return [id_ for id_ in named if id_ not in {*known, NO_ID}][:1]
        if isinstance(store, str):
            return [store]
        # A batch may delete what it made.
        named = [made.id for made in store if made and made.id not in known] if isinstance(store, list) else []
        return list(dict.fromkeys([*named, *self._observer.unknown_ids(known.__contains__)]))

    def _next_id(self) -> str:
        return self._ids.pop(0) if self._ids else "an id of a commit that the store did not make"
