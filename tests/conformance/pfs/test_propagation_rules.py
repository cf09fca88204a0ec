"""What holds after any sequence of changes to any graph of branches (the rules of the worked example, in general)."""

from __future__ import annotations

import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import grpc
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_pachyderm.proto.v2.pfs import pfs_pb2

REPOS = 5


@dataclass(frozen=True)
class Put:
    """A commit in a repo; refused where the branch has provenance."""

    repo: int


@dataclass(frozen=True)
class Wire:
    """New provenance of a branch."""

    repo: int
    upstream: tuple[int, ...]


@dataclass(frozen=True)
class Finish:
    repo: int


@dataclass(frozen=True)
class Rewind:
    """The head of a source branch to its parent."""

    repo: int


numbers = st.integers(0, REPOS - 1)
steps = st.lists(
    st.one_of(
        st.builds(Put, numbers),
        st.builds(Wire, numbers, st.lists(numbers, min_size=1, max_size=3, unique=True).map(tuple)),
        st.builds(Finish, numbers),
        st.builds(Rewind, numbers),
    ),
    min_size=3,
    max_size=15,
)


@dataclass
class World:
    """Five repos of one branch each, and what the client sees of them."""

    client: Any
    names: list[str] = field(default_factory=lambda: [f"r{number}-{uuid.uuid4().hex[:8]}" for number in range(REPOS)])

    def branch(self, number: int) -> Any:
        return pfs_pb2.Branch(repo=pfs_pb2.Repo(name=self.names[number], type="user"), name="master")

    def apply(self, step: Put | Wire | Finish | Rewind) -> None:
        name = self.names[step.repo]
        if isinstance(step, Put):
            self.client.put_file_bytes((name, "master"), "/f", b"x")
        elif isinstance(step, Wire):
            self.client.create_branch(name, "master", provenance=[self.branch(number) for number in step.upstream])
        elif isinstance(step, Finish):
            self.client.finish_commit((name, "master"))
        elif not self.client.inspect_branch(name, "master").direct_provenance:
            self.client.create_branch(name, "master", head_commit=(name, "master^"))

    def branches(self) -> list[Any]:
        return list(chain.from_iterable(map(self.client.list_branch, self.names)))

    def commits(self) -> list[Any]:
        return [info for name in self.names for info in self.client.list_commit(name, all=True)]


def key(commit: Any) -> tuple[str, str]:
    return commit.repo.name, commit.id


@given(steps)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_provenance_is_consistent_whatever_happened(client: Any, history: list[Any]) -> None:
    world = World(client)
    for name in world.names:
        client.create_repo(name)
    try:
        for step in history:
            with suppress(grpc.RpcError):  # impossible steps change nothing
                world.apply(step)
        check(world)
    finally:
        for name in reversed(world.names):
            client.delete_repo(name, force=True)


def check(world: World) -> None:
    infos = {key(info.commit): info for info in world.commits()}
    branches = {info.branch.repo.name: info for info in world.branches()}
    for info in branches.values():
        check_branch(branches, infos, info)
    for info in infos.values():
        for used in info.direct_provenance:
            assert key(used) in infos, "provenance never dangles"
            run = next(world.client.inspect_commit((used.repo.name, info.commit.id)))
            assert key(run.commit) == key(used), "a run's id means, in an input's repo, what the run used"
    for id_ in {id_ for _, id_ in infos}:
        check_set(infos, [key(info.commit) for info in world.client.inspect_commit(id_)], id_)


def check_branch(branches: dict[str, Any], infos: dict[tuple[str, str], Any], info: Any) -> None:
    direct = [branch.repo.name for branch in info.direct_provenance]
    if direct:
        heads = {key(branches[name].head) for name in direct}
        assert {key(used) for used in infos[key(info.head)].direct_provenance} == heads, "heads depend on heads"
    closure = set(direct).union(*([b.repo.name for b in branches[name].provenance] for name in direct))
    assert {branch.repo.name for branch in info.provenance} == closure
    below = {name for name, other in branches.items() if info.branch in list(other.provenance)}
    assert {branch.repo.name for branch in info.subvenance} == below


def check_set(infos: dict[tuple[str, str], Any], members: list[tuple[str, str]], id_: str) -> None:
    """A set is its own commits and everything that they depend on, each once, inputs first."""
    expected: set[tuple[str, str]] = set()
    ahead = [commit for commit in infos if commit[1] == id_]
    while ahead:
        commit = ahead.pop()
        expected.add(commit)
        ahead += [key(used) for used in infos[commit].direct_provenance]
    assert sorted(members) == sorted(expected)
    for position, commit in enumerate(members):
        assert {key(used) for used in infos[commit].direct_provenance} <= set(members[:position])
