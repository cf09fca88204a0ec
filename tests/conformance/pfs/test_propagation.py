"""Global ids: which commits a change makes downstream, what their provenance says, and how references follow it."""

from __future__ import annotations

from typing import Any

import grpc
from python_pachyderm.proto.v2.pfs import pfs_pb2

from tests.conformance.pfs.worked_example import Story, head_id, inspect, provenance

NOT_FOUND = grpc.StatusCode.NOT_FOUND


def resolved(client: Any, repo: str, id_: str) -> str | None:
    """The id that the reply has, None where there is no such commit; any other failure is one."""
    try:
        return str(inspect(client, repo, id_).commit.id)
    except grpc.RpcError as error:
        if (error.code(), error.details()) != (NOT_FOUND, f"commit default/{repo}@{id_} not found"):
            raise
        return None


def own(client: Any, id_: str) -> set[str]:
    return {info.commit.repo.name for info in client.inspect_commit(id_) if info.commit.id == id_}


def test_each_change_makes_commits_exactly_where_it_reaches(client: Any, story: Story) -> None:
    training, model, reviews, inference = story.graph
    assert own(client, story.T) == {training}
    assert own(client, story.X) == {model}
    assert own(client, story.R) == {reviews}
    assert own(client, story.I) == {inference}
    assert own(client, story.W) == {training, model, inference}
    assert own(client, story.Y) == {reviews, inference}


def test_unchanged_inputs_keep_their_older_ids_in_provenance(client: Any, story: Story) -> None:
    training, model, reviews, inference = story.graph
    assert provenance(client, model, story.X) == {(training, story.T)}
    assert provenance(client, inference, story.I) == {(reviews, story.R), (model, story.X)}
    assert provenance(client, inference, story.W) == {(reviews, story.R), (model, story.W)}
    assert provenance(client, inference, story.Y) == {(reviews, story.Y), (model, story.W)}
    assert provenance(client, training, story.W) == set()


def test_origins_and_parents(client: Any, story: Story) -> None:
    training, model, _reviews, inference = story.graph
    info = inspect(client, training, story.W)
    assert (info.origin.kind, info.parent_commit.id) == (pfs_pb2.USER, story.T)
    info = inspect(client, model, story.X)
    assert (info.origin.kind, info.HasField("parent_commit")) == (pfs_pb2.AUTO, False)
    info = inspect(client, inference, story.W)
    assert (info.origin.kind, info.parent_commit.id) == (pfs_pb2.AUTO, story.I)
    assert [child.id for child in info.child_commits] == [story.Y]


def test_commit_set_holds_its_provenance_before_its_dependents_and_no_consumers(client: Any, story: Story) -> None:
    training, model, reviews, inference = story.graph
    infos = list(client.inspect_commit(story.Y))
    assert {(i.commit.repo.name, i.commit.id) for i in infos} == {
        (training, story.W),
        (model, story.W),
        (reviews, story.Y),
        (inference, story.Y),
    }
    seen: set[tuple[str, str]] = set()
    for info in infos:
        assert {(c.repo.name, c.id) for c in info.direct_provenance} <= seen
        seen.add((info.commit.repo.name, info.commit.id))
    assert [i.commit.repo.name for i in client.inspect_commit(story.T)] == [training]


def test_an_id_of_another_repos_run_means_what_that_run_used(client: Any, story: Story) -> None:
    training, model, reviews, inference = story.graph
    expected = {
        (training, story.X): story.T,
        (training, story.I): story.T,
        (training, story.W): story.W,
        (training, story.Y): story.W,
        (training, story.R): None,
        (model, story.I): story.X,
        (model, story.Y): story.W,
        (model, story.T): None,
        (reviews, story.W): story.R,
        (reviews, story.I): story.R,
        (reviews, story.X): None,
        (inference, story.T): None,
        (inference, story.X): None,
    }
    assert {key: resolved(client, *key) for key in expected} == expected


def test_files_of_a_run_are_read_through_its_id(client: Any, story: Story) -> None:
    training = story.graph.training
    assert client.get_file((training, story.X), "/data").read() == b"one"
    assert client.get_file((training, story.Y), "/data").read() == b"two"
    info = client.inspect_file((training, story.X), "/data")
    assert info.file.commit.id == story.T


def test_commit_sets_are_listed_newest_first(client: Any, story: Story) -> None:
    ids = [info.commit_set.id for info in client.list_commit()]
    mine = [id_ for id_ in ids if id_ in story]
    assert mine == [story.Y, story.W, story.I, story.R, story.X, story.T]


def test_branches_know_both_directions(client: Any, story: Story) -> None:
    training, model, reviews, inference = story.graph

    def names(branches: Any) -> list[str]:
        return [b.repo.name for b in branches]

    info = client.inspect_branch(training, "master")
    assert names(info.provenance) == []
    assert set(names(info.subvenance)) == {model, inference}
    info = client.inspect_branch(inference, "master")
    assert names(info.direct_provenance) == sorted([model, reviews])
    assert names(info.provenance) == sorted([model, reviews, training])
    assert names(info.subvenance) == []


def test_downstream_commits_appear_when_a_commit_starts_and_wait_for_it(client: Any, story: Story) -> None:
    training, model, _reviews, inference = story.graph
    commit = client.start_commit(training, "master")
    assert head_id(client, model) == head_id(client, inference) == commit.id
    info = inspect(client, model, commit.id)
    assert not info.HasField("finishing")
    assert not info.HasField("details")
    client.finish_commit(commit)
    assert head_id(client, inference) == commit.id


def test_rewinding_a_branch_gives_downstream_a_new_id_and_the_old_input(client: Any, story: Story) -> None:
    training, model, _reviews, inference = story.graph
    client.create_branch(training, "master", head_commit=(training, story.T))
    assert head_id(client, training) == story.T
    new = head_id(client, model)
    assert new not in story
    assert provenance(client, model, new) == {(training, story.T)}
    assert (model, new) in provenance(client, inference, new)
    assert own(client, new) == {model, inference}


def test_setting_the_present_head_again_still_makes_new_commits(client: Any, story: Story) -> None:
    training, model = story.graph[:2]
    before = head_id(client, model)
    client.create_branch(training, "master", head_commit=(training, "master^0"))
    assert head_id(client, model) != before


def test_a_branch_on_another_branchs_head_shares_the_commit(client: Any, story: Story) -> None:
    training = story.graph.training
    client.create_branch(training, "stable", head_commit=(training, story.W))
    info = client.inspect_branch(training, "stable")
    assert (info.head.id, info.head.branch.name) == (story.W, "master")
    assert own(client, story.W) == {training, *story.graph[1:2], story.graph.inference}
