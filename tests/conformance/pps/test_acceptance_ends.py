"""The worked example's other ends: what may be deleted, pipelines before data, and other ways to change a review."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2

from tests.conformance.pps.story import INFER, TRAIN, Story

if TYPE_CHECKING:
    from tests.conformance.pps.conftest import Lab


@pytest.fixture
def played(lab: Lab, pfs: Any) -> Story:
    story = Story(lab, pfs)
    list(story.play())
    return story


def test_the_last_run_can_be_dropped(played: Story) -> None:
    played.lab.client.drop_commit(played.ids["Y"])
    heads = played.heads()
    assert (heads["reviews"], heads["inference"], heads["inference.meta"]) == ("R", "W", "W")
    assert played.ids["Y"] not in played.lab.jobs("inference")
    assert played.lab.files("inference")["/1.txt"].endswith("one\n")


def test_what_later_runs_were_made_from_stays(played: Story) -> None:
    client = played.lab.client
    with pytest.raises(grpc.RpcError, match="cannot be dropped because it has subvenant commit sets"):
        client.drop_commit(played.ids["W"])
    for letter in "TRIXVW":
        with pytest.raises(grpc.RpcError, match="cannot be dropped because it has subvenant commit sets"):
            client.squash_commit(played.ids[letter])


def test_repos_that_others_are_made_from_stay(played: Story) -> None:
    client = played.lab.client
    with pytest.raises(grpc.RpcError, match="as subvenance, deleting it would break those branches"):
        client.delete_repo("training")
    with pytest.raises(grpc.RpcError, match="cannot delete a repo associated with a pipeline"):
        client.delete_repo("model", force=True)
    client.delete_repo("training", force=True)
    [info] = [info for info in played.branches() if (info.branch.repo.name, info.branch.repo.type) == ("model", "user")]
    assert [(b.repo.name, b.repo.type) for b in info.direct_provenance] == [("model", "spec")]


def test_pipelines_before_their_data(lab: Lab, pfs: Any) -> None:
    story = Story(lab, pfs)
    lab.client.create_repo("training")
    story.ids["X"] = lab.create("model", TRAIN, ("training", "/"))
    assert lab.progress("model") == "SUCCESS 0+0/0"
    members = {told.name: told for told in map(story.tell, story.members("X"))}
    assert set(members) == {"model.spec@X", "training@X", "model@X", "model.meta@X"}
    assert (members["training@X"].origin, members["training@X"].parent) == ("AUTO", "-")
    assert members["model@X"].provenance == members["model.meta@X"].provenance == {"training@X", "model.spec@X"}
    story.ids["T"] = story.put("training", "/labeled.tsv", "good\n")
    assert lab.progress("model", story.ids["T"]) == "SUCCESS 1+0/1"
    members = {told.name: told for told in map(story.tell, story.members("T"))}
    assert set(members) == {"model.spec@X", "training@T", "model@T", "model.meta@T"}
    assert (members["training@T"].origin, members["training@T"].parent) == ("USER", "training@X")
    assert members["model@T"].provenance == {"model.spec@X", "training@T"}
    assert len(list(lab.client.list_commit("training"))) == 1
    assert len(list(lab.client.list_commit("training", all=True))) == 2


@pytest.fixture
def inferring(lab: Lab, pfs: Any) -> Story:
    """Two reviews' worth of pipelines at rest."""
    story = Story(lab, pfs)
    for repo in ("training", "reviews"):
        lab.client.create_repo(repo)
    story.put("training", "/labeled.tsv", "good\n")
    lab.create("model", TRAIN, ("training", "/"))
    story.put("reviews", "/1.txt", "one\n")
    lab.create("inference", INFER, ("reviews", "/*"), ("model", "/"))
    lab.wait("inference")
    return story


def test_two_calls_are_two_runs(inferring: Story) -> None:
    client, before = inferring.lab.client, inferring.lab.jobs("inference")
    client.delete_file(("reviews", "master"), "/1.txt")
    first = client.inspect_branch("reviews", "master").head.id
    second = inferring.put("reviews", "/1.txt", "two\n")
    assert inferring.lab.jobs("inference") == [second, first, *before]
    assert len(inferring.lab.jobs("model")) == 1


def test_a_commit_that_is_open_has_its_run_already(inferring: Story) -> None:
    lab, client = inferring.lab, inferring.lab.client
    with client.commit("reviews", "master") as commit:
        inferring.ids["Y"] = commit.id
        assert lab.newest("inference") == commit.id
        infos = [inferring.inspect(name) for name in ("inference@Y", "inference.meta@Y")]
        assert [(i.origin.kind, i.HasField("finishing"), i.HasField("details")) for i in infos] == [
            (pfs_pb2.AUTO, False, False)
        ] * 2
        client.delete_file(commit, "/1.txt")
        client.put_file_bytes(commit, "/1.txt", b"two\n")
    assert lab.progress("inference", commit.id) == "SUCCESS 1+0/1"
