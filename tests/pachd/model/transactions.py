"""Transactions that clients fill call by call, and those that come in one piece (pfs.md 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.pachd.model.model import Model
from tests.pachd.model.names import NOT_FOUND, Commit, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.pachd.model.calls import Call


class Transactions(Model):
    """The whole model."""

    def __init__(self, new_id: Callable[[], str]) -> None:
        super().__init__(new_id)
        self.stored: dict[str, tuple[Call, ...]] = {}

    def run(self, call: Call) -> Any:
        """Do what a client asks, at once or as part of the transaction that it names."""
        if call.transaction:
            return self._append(call)
        return getattr(self, call.snake)(**call.fields)

    def start_transaction(self) -> str:
        id_ = self._new_id()
        self.stored[id_] = ()
        return id_

    def delete_transaction(self, transaction: str) -> None:
        self._require(transaction)
        del self.stored[transaction]

    def finish_transaction(self, transaction: str) -> list[Commit | None]:
        calls = self._require(transaction)
        with self.transaction(transaction):
            made = self._run_all(calls)
        del self.stored[transaction]
        return made

    def batch_transaction(self, requests: Sequence[Call]) -> list[Commit | None]:
        with self.transaction():
            return self._run_all(requests)

    def _append(self, call: Call) -> Commit | None:
        """Try all of it with one more call; nothing of that stays but the call."""
        calls = (*self._require(call.transaction), call._replace(transaction=""))
        before = self.state
        try:
            with self.transaction(call.transaction):
                made = self._run_all(calls)
        finally:
            self.state, self._settled = before, []
        self.stored[call.transaction] = calls
        return made[-1]

    def _require(self, id_: str) -> tuple[Call, ...]:
        if id_ not in self.stored:
            raise Refused(f"transactions {id_} not found", NOT_FOUND)
        return self.stored[id_]

    def _run_all(self, calls: Sequence[Call]) -> list[Commit | None]:
        return [self._run_one(call, f"{number} of {len(calls)}") for number, call in enumerate(calls, start=1)]

    def _run_one(self, call: Call, place: str) -> Commit | None:
        try:
            made: Commit | None = self.run(call)
        except Refused as refusal:
            raise refusal.within(f"error running request {place}") from None
        return made
