"""Global ids: which commits a change makes downstream, what their provenance says, and how references follow it.

The graph is Pachyderm's worked example with branches in place of pipelines: model depends on training, and inference
on model and reviews.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import grpc
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2

if TYPE_CHECKING:
    from collections.abc import Callable

NOT_FOUND = grpc.StatusCode.NOT_FOUND


class Graph(NamedTuple):
    """Repo names."""

    training: str
    model: str
    reviews: str
    inference: str


def branch(repo: str, name: str = "master") -> Any:
    return pfs_pb2.Branch(repo=pfs_pb2.Repo(name=repo, type="user"), name=name)


def head(client: Any, repo: str) -> str:
    return str(client.inspect_branch(repo, "master").head.id)


def inspect(client: Any, repo: str, id_: str) -> Any:
    return next(client.inspect_commit((repo, id_)))


def provenance(client: Any, repo: str, id_: str) -> set[tuple[str, str]]:
    return {(c.repo.name, c.id) for c in inspect(client, repo, id_).direct_provenance}


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


@pytest.fixture
def graph(client: Any, new_repo: Callable[[str], str]) -> Graph:
    return Graph(*map(new_repo, Graph._fields))


class Story(NamedTuple):
    """The ids of the worked example's steps."""

    graph: Graph
    T: str
    X: str
    R: str
    I: str  # noqa: E741 -- the specification's letters
    W: str
    Y: str


@pytest.fixture
def story(client: Any, graph: Graph) -> Story:
    training, model, reviews, inference = graph
    client.put_file_bytes((training, "master"), "/data", b"one")
    t = head(client, training)
    client.create_branch(model, "master", provenance=[branch(training)])
    x = head(client, model)
    client.finish_commit((model, "master"))
    client.put_file_bytes((reviews, "master"), "/review", b"good")
    r = head(client, reviews)
    client.create_branch(inference, "master", provenance=[branch(reviews), branch(model)])
    i = head(client, inference)
    client.finish_commit((inference, "master"))
    client.put_file_bytes((training, "master"), "/data", b"two")
    w = head(client, training)
    client.finish_commit((model, "master"))
    client.finish_commit((inference, "master"))
    with client.modify_file_client((reviews, "master")) as changes:
        changes.delete_file("/review")
        changes.put_file_from_bytes("/review", b"bad")
    y = head(client, reviews)
    client.finish_commit((inference, "master"))
    return Story(graph, t, x, r, i, w, y)


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
    assert head(client, model) == head(client, inference) == commit.id
    info = inspect(client, model, commit.id)
    assert not info.HasField("finishing")
    assert not info.HasField("details")
    client.finish_commit(commit)
    assert head(client, inference) == commit.id


def test_rewinding_a_branch_gives_downstream_a_new_id_and_the_old_input(client: Any, story: Story) -> None:
    training, model, _reviews, inference = story.graph
    client.create_branch(training, "master", head_commit=(training, story.T))
    assert head(client, training) == story.T
    new = head(client, model)
    assert new not in story
    assert provenance(client, model, new) == {(training, story.T)}
    assert (model, new) in provenance(client, inference, new)
    assert own(client, new) == {model, inference}


def test_setting_the_present_head_again_still_makes_new_commits(client: Any, story: Story) -> None:
    training, model = story.graph[:2]
    before = head(client, model)
    client.create_branch(training, "master", head_commit=(training, "master^0"))
    assert head(client, model) != before


def test_a_branch_on_another_branchs_head_shares_the_commit(client: Any, story: Story) -> None:
    training = story.graph.training
    client.create_branch(training, "stable", head_commit=(training, story.W))
    info = client.inspect_branch(training, "stable")
    assert (info.head.id, info.head.branch.name) == (story.W, "master")
    assert own(client, story.W) == {training, *story.graph[1:2], story.graph.inference}


class TestDeleting:
    """What SquashCommitSet and DropCommitSet allow on the worked example's graph."""

    def test_the_last_run_can_be_dropped(self, client: Any, story: Story) -> None:
        client.drop_commit(story.Y)
        assert head(client, story.graph.reviews) == story.R
        assert head(client, story.graph.inference) == story.W
        with pytest.raises(grpc.RpcError) as error:
            list(client.inspect_commit(story.Y))
        assert error.value.details() == f"no commits found for commitset {story.Y}"

    @pytest.mark.parametrize("step", ["T", "X", "R", "W"])
    def test_what_other_sets_use_stays(self, client: Any, story: Story, step: str) -> None:
        id_ = getattr(story, step)
        for delete in (client.drop_commit, client.squash_commit):
            with pytest.raises(grpc.RpcError) as error:
                delete(id_)
            prefix = f'commit set "id:\\"{id_}\\"" cannot be dropped because it has subvenant commit sets: ['
            assert error.value.details().startswith(prefix)

    def test_a_squashed_run_leaves_its_content_to_its_child(self, client: Any, new_repo: Any) -> None:
        source, output = new_repo("source"), new_repo("output")
        client.create_branch(output, "master", provenance=[branch(source)])
        ids = []
        for name in ("a", "b", "c"):
            client.finish_commit((output, "master"))
            client.put_file_bytes((source, "master"), name, b"x")
            ids.append(head(client, source))
        client.finish_commit((output, "master"))
        client.squash_commit(ids[1])
        assert inspect(client, source, ids[2]).parent_commit.id == ids[0]
        assert inspect(client, output, ids[2]).parent_commit.id == ids[0]
        files = [info.file.path for info in client.list_file((source, "master"), "/")]
        assert files == ["/a", "/b", "/c"]
        assert [info.file.path for info in client.list_file((source, ids[0]), "/")] == ["/a"]

    def test_squash_needs_children_and_drop_none(self, client: Any, repo: str) -> None:
        first = client.start_commit(repo, "master")
        client.finish_commit(first)
        second = client.start_commit(repo, "master")
        for delete, id_, text in (
            (
                client.squash_commit,
                first.id,
                f"cannot squash until child commit default/{repo}@{second.id} is finished",
            ),
            (client.drop_commit, first.id, f"cannot drop a commit that has children: default/{repo}@{first.id}"),
            (
                client.squash_commit,
                second.id,
                "cannot squash a commit that has no children as that would cause data loss, "
                f"use the drop operation instead: default/{repo}@{second.id}",
            ),
        ):
            with pytest.raises(grpc.RpcError) as error:
                delete(id_)
            assert error.value.details() == text

    def test_dropping_all_commits_leaves_an_empty_head(self, client: Any, repo: str) -> None:
        client.put_file_bytes((repo, "master"), "/a", b"x")
        id_ = head(client, repo)
        client.drop_commit(id_)
        info = inspect(client, repo, "master")
        assert info.commit.id != id_
        assert (info.origin.kind, info.HasField("finished")) == (pfs_pb2.AUTO, True)
        assert list(client.list_file((repo, "master"), "/")) == []

    def test_heads_depend_on_heads_when_a_whole_graph_starts_again(self, client: Any, new_repo: Any) -> None:
        output, source = new_repo("output"), new_repo("source")
        client.create_branch(output, "master", provenance=[branch(source)])
        client.finish_commit((output, "master"))
        old = head(client, output)
        assert head(client, source) == old
        client.drop_commit(old)
        new = head(client, output)
        assert provenance(client, output, new) == {(source, head(client, source))}
        assert head(client, source) == new != old
        assert not inspect(client, output, new).HasField("finishing")

    def test_an_unknown_set_is_gone_already(self, client: Any) -> None:
        client.drop_commit("0123456789ab4def0123456789abcdef")
        client.squash_commit("0123456789ab4def0123456789abcdef")
