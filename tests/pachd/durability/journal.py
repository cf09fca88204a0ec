"""What one client was told, to be compared with what a cluster holds after it was killed."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.pachd.durability.world import digests

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NOTHING = "nothing"


@dataclass(frozen=True)
class State:
    """What one client writes on ``master`` of a repo: the files whose paths begin with ``below``, by digest.

    ``exists``: the repo; ``open``: the commit at the branch's head.
    """

    repo: str
    below: str = "/"
    exists: bool = True
    open: bool = False
    files: Mapping[str, str] = field(default_factory=dict)

    def now(self, client: Any) -> State:
        """The same as the cluster holds it at this moment."""
        if self.repo not in {info.repo.name for info in client.list_repo()}:
            return State(self.repo, self.below, exists=False)
        if not list(client.list_branch(self.repo)):
            return State(self.repo, self.below)
        [head] = client.inspect_commit((self.repo, "master"))
        files = digests(client, self.repo, head.commit.id, self.below)
        return State(self.repo, self.below, True, not head.HasField("finished"), files)


class Journal:
    """The acknowledged states of repos, the files of some finished commits, and the call in flight."""

    def __init__(self, *states: State) -> None:
        self.states = {state.repo: state for state in states}
        self.commits: dict[str, State] = {}
        self.acknowledged: Counter[str] = Counter()
        self.interrupted: Counter[str] = Counter()
        self.bytes = 0
        self._in_flight: tuple[str, State | None] = (NOTHING, None)

    @contextmanager
    def call(self, name: str, after: State, size: int = 0) -> Iterator[None]:
        """A block with one call: it brings ``size`` bytes and, if the cluster acknowledges it, makes ``after`` true."""
        self._in_flight = (name, after)
        yield
        self._in_flight = (NOTHING, None)
        self.states[after.repo] = after
        self.acknowledged[name] += 1
        self.bytes += size

    def losses(self, client: Any) -> list[str]:
        """What is neither as it was acknowledged nor as the call in flight wanted it. Goes on from what is there."""
        name, after = self._in_flight
        self._in_flight = (NOTHING, None)
        self.interrupted[name] += 1
        found = []
        for state in list(self.states.values()):
            now = state.now(client)
            if now not in (state, after):
                found.append(f"after {name}: {state} became {now}")
            self.states[state.repo] = now
        for id_, state in self.commits.items():
            if (files := digests(client, state.repo, id_)) != state.files:
                found.append(f"commit {id_} of {state} now holds {files}")
        return found
