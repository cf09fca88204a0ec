"""What SquashCommitSet and DropCommitSet allow, and what they leave."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2

from tests.conformance.pfs.messages import branch
from tests.conformance.pfs.worked_example import Story, head_id, inspect, provenance


def test_the_last_run_can_be_dropped(client: Any, story: Story) -> None:
    client.drop_commit(story.Y)
    assert head_id(client, story.graph.reviews) == story.R
    assert head_id(client, story.graph.inference) == story.W
    with pytest.raises(grpc.RpcError) as error:
        list(client.inspect_commit(story.Y))
    assert error.value.details() == f"no commits found for commitset {story.Y}"


@pytest.mark.parametrize("step", ["T", "X", "R", "W"])
def test_what_other_sets_use_stays(client: Any, story: Story, step: str) -> None:
    id_ = getattr(story, step)
    for delete in (client.drop_commit, client.squash_commit):
        with pytest.raises(grpc.RpcError) as error:
            delete(id_)
        prefix = f'commit set "id:\\"{id_}\\"" cannot be dropped because it has subvenant commit sets: ['
        assert error.value.details().startswith(prefix)


def test_a_squashed_run_leaves_its_content_to_its_child(client: Any, new_repo: Any) -> None:
    source, output = new_repo("source"), new_repo("output")
    client.create_branch(output, "master", provenance=[branch(source)])
    ids = []
    for name in ("a", "b", "c"):
        client.finish_commit((output, "master"))
        client.put_file_bytes((source, "master"), name, b"x")
        ids.append(head_id(client, source))
    client.finish_commit((output, "master"))
    client.squash_commit(ids[1])
    assert inspect(client, source, ids[2]).parent_commit.id == ids[0]
    assert inspect(client, output, ids[2]).parent_commit.id == ids[0]
    files = [info.file.path for info in client.list_file((source, "master"), "/")]
    assert files == ["/a", "/b", "/c"]
    assert [info.file.path for info in client.list_file((source, ids[0]), "/")] == ["/a"]


def test_squash_needs_children_and_drop_none(client: Any, repo: str) -> None:
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


def test_a_child_that_waits_for_its_parent(client: Any, new_repo: Any, refused: Any) -> None:
    source, output = new_repo("source"), new_repo("output")
    client.create_branch(output, "master", provenance=[branch(source)])
    oldest = client.inspect_branch(output, "master").head
    client.put_file_bytes((source, "master"), "/a", b"x")
    client.finish_commit((output, "master"))
    child = client.inspect_branch(output, "master").head
    text = f"cannot squash until child commit default/{output}@{child.id} is finished, consider using WaitCommit"
    with refused(grpc.StatusCode.UNKNOWN, text):
        client.squash_commit(oldest.id)


def test_dropping_all_commits_leaves_an_empty_head(client: Any, repo: str) -> None:
    client.put_file_bytes((repo, "master"), "/a", b"x")
    id_ = head_id(client, repo)
    client.drop_commit(id_)
    info = inspect(client, repo, "master")
    assert info.commit.id != id_
    assert (info.origin.kind, info.HasField("finished")) == (pfs_pb2.AUTO, True)
    assert list(client.list_file((repo, "master"), "/")) == []


def test_heads_depend_on_heads_when_a_whole_graph_starts_again(client: Any, new_repo: Any) -> None:
    output, source = new_repo("output"), new_repo("source")
    client.create_branch(output, "master", provenance=[branch(source)])
    client.finish_commit((output, "master"))
    old = head_id(client, output)
    assert head_id(client, source) == old
    client.drop_commit(old)
    new = head_id(client, output)
    assert provenance(client, output, new) == {(source, head_id(client, source))}
    assert head_id(client, source) == new != old
    assert not inspect(client, output, new).HasField("finishing")


def test_an_unknown_set_is_gone_already(client: Any) -> None:
    client.drop_commit("0123456789ab4def0123456789abcdef")
    client.squash_commit("0123456789ab4def0123456789abcdef")
