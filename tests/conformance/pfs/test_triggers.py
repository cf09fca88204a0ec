"""Triggers: branches that follow another branch of their repo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from grpc import StatusCode
from python_pachyderm.proto.v2.pfs import pfs_pb2

from tests.conformance.pfs.messages import branch, head

if TYPE_CHECKING:
    from collections.abc import Callable

    Follow = Callable[..., None]


@pytest.fixture
def follow(client: Any, repo: str) -> Follow:
    """Make a branch that follows ``source``."""

    def create(name: str, source: str = "master", **conditions: Any) -> None:
        client.create_branch(repo, name, trigger=pfs_pb2.Trigger(branch=source, **conditions))

    return create


def put(client: Any, repo: str, size: int = 1, name: str = "master") -> str:
    """A commit with ``size`` bytes more; its id."""
    client.put_file_bytes((repo, name), "/a", b"x" * size, append=True)
    return str(head(client, repo, name).id)


def test_a_trigger_is_told(client: Any, repo: str, follow: Follow) -> None:
    conditions = {"all": True, "rate_limit_spec": "@hourly", "size": "1K", "commits": 3}
    follow("copy", **conditions)
    assert client.inspect_branch(repo, "copy").trigger == pfs_pb2.Trigger(branch="master", **conditions)
    client.create_branch(repo, "copy")  # keeps it
    (listed,) = client.list_branch(repo)
    assert listed.trigger.commits == 3
    follow("copy", "other", size="1")
    assert client.inspect_branch(repo, "copy").trigger == pfs_pb2.Trigger(branch="other", size="1")
    client.create_branch(repo, "plain")
    assert not client.inspect_branch(repo, "plain").HasField("trigger")


def test_commits_are_counted(client: Any, repo: str, follow: Follow) -> None:
    follow("second", commits=2)
    empty = head(client, repo, "second").id
    put(client, repo)
    assert head(client, repo, "second").id == empty
    second = put(client, repo)
    assert head(client, repo, "second").id == second
    put(client, repo)
    assert head(client, repo, "second").id == second
    fourth = put(client, repo)
    assert head(client, repo, "second") == head(client, repo)
    assert head(client, repo, "second").id == fourth


def test_sizes_are_decimal_and_compared_with_the_last_head(client: Any, repo: str, follow: Follow) -> None:
    follow("grown", size="1K")
    empty = head(client, repo, "grown").id
    put(client, repo, 999)
    assert head(client, repo, "grown").id == empty
    grown = put(client, repo, 1)
    assert head(client, repo, "grown").id == grown
    put(client, repo, 999)
    assert head(client, repo, "grown").id == grown


def test_a_rate_is_limited(client: Any, repo: str, follow: Follow) -> None:
    follow("yearly", rate_limit_spec="@every 8760h")
    follow("never", rate_limit_spec="@never")
    before = head(client, repo, "yearly").id, head(client, repo, "never").id
    put(client, repo)
    assert (head(client, repo, "yearly").id, head(client, repo, "never").id) == before


def test_any_condition_or_all(client: Any, repo: str, follow: Follow) -> None:
    follow("any", size="100", commits=2)
    follow("all", size="100", commits=2, all=True)
    empty = head(client, repo, "all").id
    first = put(client, repo, 100)
    assert (head(client, repo, "any").id, head(client, repo, "all").id) == (first, empty)
    second = put(client, repo)
    assert (head(client, repo, "any").id, head(client, repo, "all").id) == (first, second)


def test_no_condition_at_all(client: Any, repo: str, follow: Follow) -> None:
    follow("any")
    follow("all", all=True)
    empty = head(client, repo, "any").id
    first = put(client, repo)
    assert (head(client, repo, "any").id, head(client, repo, "all").id) == (empty, first)


def test_chains_fire_at_once(client: Any, repo: str, follow: Follow) -> None:
    follow("third", "second", commits=1)  # in no helpful order, and before what it follows is there
    follow("fourth", "third", commits=2)
    follow("second", commits=1)
    empty = head(client, repo, "fourth").id
    first = put(client, repo)
    assert [head(client, repo, name).id for name in ("second", "third", "fourth")] == [first, first, empty]
    second = put(client, repo)
    assert [head(client, repo, name).id for name in ("second", "third", "fourth")] == [second] * 3


def test_what_depends_on_the_branch_gets_an_id_of_its_own(client: Any, new_repo: Any) -> None:
    source, output = new_repo("source"), new_repo("output")
    trigger = pfs_pb2.Trigger(branch="master", commits=1)
    client.create_branch(source, "copy", trigger=trigger)
    client.create_branch(output, "master", provenance=[branch(source, "copy")])
    first = put(client, source)
    made = next(client.inspect_commit((output, "master")))
    assert [commit.id for commit in made.direct_provenance] == [first]
    assert made.commit.id != first
    infos = client.inspect_commit(first)
    assert [info.commit.repo.name for info in infos] == [source]


def test_what_does_not_fire(client: Any, repo: str, follow: Follow) -> None:
    follow("copy", commits=1)
    empty = head(client, repo, "copy").id
    client.start_commit(repo, "master")
    assert head(client, repo, "copy").id == empty  # open
    commit = head(client, repo)
    client.put_file_bytes((repo, commit.id), "/a", b"x")
    client.finish_commit(commit, error="spoilt")
    assert head(client, repo, "copy").id == empty  # failed
    other = put(client, repo, name="other")
    client.create_branch(repo, "master", head_commit=(repo, other))
    assert head(client, repo, "copy").id == empty  # moved by hand


REFUSALS: dict[str, dict[str, Any]] = {
    "triggers must specify a branch to trigger on": {"branch": ""},
    "name (a.b) invalid: only alphanumeric characters, underscores, and dashes are allowed": {"branch": "a.b"},
    "can't trigger on a negative number of commits": {"commits": -1},
    "invalid trigger size: invalid size: 'huge'": {"size": "huge"},
    "triggers cannot form a loop": {"branch": "copy"},
}


@pytest.mark.parametrize("text", REFUSALS)
def test_bad_triggers(client: Any, repo: str, refused: Any, text: str) -> None:
    trigger = pfs_pb2.Trigger(**{"branch": "master", **REFUSALS[text]})
    with refused(StatusCode.UNKNOWN, text):
        client.create_branch(repo, "copy", trigger=trigger)
    assert list(client.list_branch(repo)) == []


def test_a_size_that_nothing_has(client: Any, repo: str) -> None:
    with pytest.raises(grpc.RpcError, match="invalid trigger size: ") as refusal:
        client.create_branch(repo, "copy", trigger=pfs_pb2.Trigger(branch="master", size="9" * 400))
    assert refusal.value.code() == StatusCode.UNKNOWN


@pytest.mark.parametrize("field", ["cron_spec", "rate_limit_spec"])
@pytest.mark.parametrize("spec", ["often", "* * * *", "61 * * * *", "@every", "@every soon", "@sometimes"])
def test_bad_schedules(client: Any, repo: str, field: str, spec: str) -> None:
    with pytest.raises(grpc.RpcError, match=f"invalid trigger {field.replace('_', ' ')}: ") as refusal:
        client.create_branch(repo, "copy", trigger=pfs_pb2.Trigger(branch="master", **{field: spec}))
    assert refusal.value.code() == StatusCode.UNKNOWN


def test_loops(client: Any, repo: str, follow: Follow, refused: Any) -> None:
    follow("b", "a", commits=1)
    follow("c", "b", commits=1)
    with refused(StatusCode.UNKNOWN, "triggers cannot form a loop"):
        follow("a", "c", commits=1)


def test_provenance_or_a_trigger(client: Any, new_repo: Any, refused: Any) -> None:
    a, b = new_repo("a"), new_repo("b")
    trigger = pfs_pb2.Trigger(branch="master", commits=1)
    with refused(StatusCode.UNKNOWN, "a branch cannot have both provenance and a trigger"):
        client.create_branch(b, "copy", provenance=[branch(a)], trigger=trigger)


def test_a_branch_that_ticks(client: Any, pfs: Any, new_repo: Any) -> None:
    """Each tick gives what depends on it a commit, whether anything changed or not."""
    source, output = new_repo("source"), new_repo("output")
    first = put(client, source)
    trigger = pfs_pb2.Trigger(branch="master", cron_spec="@every 1s")
    client.create_branch(source, "ticking", trigger=trigger)
    client.create_branch(output, "master", provenance=[branch(source, "ticking")])
    request = pfs_pb2.SubscribeCommitRequest(repo=pfs_pb2.Repo(name=output, type="user"))
    commits = pfs.SubscribeCommit(request, timeout=20)
    made = [next(commits) for _ in range(3)]
    commits.cancel()
    assert len({info.commit.id for info in made}) == 3
    assert [[commit.id for commit in info.direct_provenance] for info in made[1:]] == [[first]] * 2
    assert head(client, source, "ticking").id == first
