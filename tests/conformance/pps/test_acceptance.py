"""The worked example, commit for commit: after every step, what is there and what it was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2

from tests.conformance.pps.story import COMMITS, Story, repo_of

if TYPE_CHECKING:
    from tests.conformance.pps.conftest import Lab

SIZES = {"T": 1, "X": 4, "R": 1, "I": 7, "V": 8, "W": 8, "Y": 7}
REPOS = ("training", "reviews", "model", "model.spec", "model.meta", "inference", "inference.spec", "inference.meta")
MEANT = """
    training@X training@T        training@V training@T        training@I training@T         training@R -
    training@W training@W        training@Y training@W        model@I model@X               model@Y model@W
    model.spec@W model.spec@V    model.spec@Y model.spec@V    model.spec@I model.spec@X     model.meta@Y -
    inference.spec@V inference.spec@I    inference.spec@W inference.spec@I    inference.spec@Y inference.spec@I
    inference.spec@X -           reviews@V reviews@R          reviews@W reviews@R           reviews@I reviews@R
    reviews@X -                  inference@X -                inference@T -
"""


@pytest.fixture
def story(lab: Lab, pfs: Any) -> Story:
    return Story(lab, pfs)


@pytest.fixture
def played(story: Story) -> Story:
    list(story.play())
    return story


def test_every_step_makes_exactly_these_commits(story: Story) -> None:
    for letter in story.play():
        made = {story.tell(info) for info in story.members(letter) if info.commit.id == story.ids[letter]}
        assert made == {commit for commit in COMMITS if commit.name.endswith(f"@{letter}")}
        sizes = [(i.commit_set.id, len(i.commits)) for i in story.lab.client.list_commit()]
        assert sizes == [(id_, SIZES[key]) for key, id_ in reversed(story.ids.items())]
        check_origins(story)
        check_heads(story)
        check_lines(story)


def check_origins(story: Story) -> None:
    """A run's id means, in each repo that a commit of it was made from, exactly that commit."""
    for letter in story.ids:
        for info in story.members(letter):
            assert info.origin.kind == pfs_pb2.USER or info.direct_provenance
            for upstream in info.direct_provenance:
                suffix = "" if upstream.repo.type == "user" else f".{upstream.repo.type}"
                own = story.name(info.commit).partition("@")[2]
                assert story.inspect(f"{upstream.repo.name}{suffix}@{own}").commit == upstream


def check_heads(story: Story) -> None:
    """The head of a branch was made from the heads of the branches that the branch is made from."""
    heads = story.heads()
    for info in story.branches():
        expected = {f"{repo_of(upstream)}@{heads[repo_of(upstream)]}" for upstream in info.direct_provenance}
        assert set(map(story.name, story.inspect(story.name(info.head)).direct_provenance)) == expected


def check_lines(story: Story) -> None:
    """Newest first is the order of parents, and times run along it."""
    for info in story.branches():
        request = pfs_pb2.ListCommitRequest(repo=info.branch.repo, all=True)
        listed = list(story.pfs.ListCommit(request))
        assert listed[0].commit == info.head
        assert [i.parent_commit for i in listed[:-1]] == [i.commit for i in listed[1:]]
        assert not listed[-1].HasField("parent_commit")
        for commit in listed:
            times = [(t.seconds, t.nanos) for t in (commit.started, commit.finishing, commit.finished)]
            assert times == sorted(times)
            assert commit.finished.nanos


def test_commit_sets_list_what_they_are_made_from_first(played: Story) -> None:
    for letter in played.ids:
        seen: set[str] = set()
        for info in played.members(letter):
            assert set(map(played.name, info.direct_provenance)) <= seen
            seen.add(played.name(info.commit))
    names = {played.name(info.commit) for info in played.members("W")}
    own = {"training@W", "model@W", "model.meta@W", "inference@W", "inference.meta@W"}
    assert names == own | {"inference.spec@I", "model.spec@V", "reviews@R"}


def test_what_references_mean(played: Story) -> None:
    words = MEANT.split()
    for reference, meant in zip(words[::2], words[1::2], strict=True):
        if meant == "-":
            with pytest.raises(grpc.RpcError, match=r"commit default/.* not found") as error:
                played.inspect(reference)
            refusal: Any = error.value
            assert refusal.code() is grpc.StatusCode.NOT_FOUND, reference
        else:
            assert played.name(played.inspect(reference).commit) == meant, reference


def test_branches_at_the_end(played: Story) -> None:
    found = {repo_of(info.branch): info for info in played.branches()}
    results = {"inference", "inference.meta"}
    everything = results | {"model", "model.meta"}
    specs = {"inference.spec", "model.spec"}
    inference = (*"Y", {"inference.spec", "model", "reviews"}, specs | {"model", "reviews", "training"})
    model = (*"W", {"model.spec", "training"}, {"model.spec", "training"})
    expected: dict[str, tuple[str, set[str], set[str], set[str]]] = {
        "training": ("W", set(), set(), everything),
        "model.spec": ("V", set(), set(), everything),
        "reviews": ("Y", set(), set(), results),
        "inference.spec": ("I", set(), set(), results),
        "model": (*model, results),
        "model.meta": (*model, set()),
        "inference": (*inference, set()),
        "inference.meta": (*inference, set()),
    }
    heads = played.heads()
    assert {
        repo: (
            heads[repo],
            set(map(repo_of, info.direct_provenance)),
            set(map(repo_of, info.provenance)),
            set(map(repo_of, info.subvenance)),
        )
        for repo, info in found.items()
    } == expected
    assert set(found) == set(REPOS)


def test_a_run_is_read_again_by_its_id_after_the_branch_moved(played: Story) -> None:
    client = played.lab.client
    assert client.get_file(("training", played.ids["X"]), "/labeled.tsv").read() == b"good\n"
    assert client.get_file(("training", played.ids["T"]), "/labeled.tsv").read() == b"good\n"
    assert client.get_file(("training", "master"), "/labeled.tsv").read() == b"better\n"


def test_jobs_of_every_step(played: Story) -> None:
    runs = {
        found.job_set.id: {
            info.job.pipeline.name: f"v{info.pipeline_version} {info.data_processed}+{info.data_skipped}"
            for info in found.jobs
        }
        for found in played.lab.client.list_job()
    }
    assert {key: runs.get(id_, {}) for key, id_ in played.ids.items()} == {
        "T": {},
        "X": {"model": "v1 1+0"},
        "R": {},
        "I": {"inference": "v1 1+0"},
        "V": {"model": "v2 0+1", "inference": "v1 0+1"},
        "W": {"model": "v2 1+0", "inference": "v1 1+0"},
        "Y": {"inference": "v1 1+0"},
    }


def test_the_spec_commit_tells_the_version(played: Story) -> None:
    infos = [info for info in played.lab.client.list_pipeline(history=-1) if info.pipeline.name == "model"]
    versions = {info.version: info.spec_commit.id for info in infos}
    assert versions == {1: played.ids["X"], 2: played.ids["V"]}
