"""What each step of the worked example does to commits, and how a run leads to what it used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest

if TYPE_CHECKING:
    from tests.conformance.pps.conftest import Lab

TRAIN = "cat /pfs/training/* > /pfs/out/imdb.p; date +%N >> /pfs/out/imdb.p"
INFER = 'cat /pfs/model/imdb.p "$reviews" > /pfs/out/$(basename "$reviews")'


class Story:
    """The steps, and their ids by letter as in Pachyderm's own telling: T, X, R, I, V, W, Y."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.ids: dict[str, str] = {}

    def play(self) -> None:
        lab, ids = self.lab, self.ids
        lab.client.create_repo("training")
        lab.client.create_repo("reviews")
        ids["T"] = lab.put("training", {"/labeled.tsv": "good\n"})
        ids["X"] = lab.create("model", TRAIN, ("training", "/"))
        ids["R"] = lab.put("reviews", {"/1.txt": "one\n"})
        ids["I"] = lab.create("inference", INFER, ("reviews", "/*"), ("model", "/"))
        lab.wait("inference")
        ids["V"] = lab.update("model", TRAIN + "\ntrue", ("training", "/"))
        lab.wait("inference")
        ids["W"] = lab.put("training", {"/labeled.tsv": "better\n"})
        lab.wait("inference")
        ids["Y"] = lab.put("reviews", {"/2.txt": "two\n"})
        lab.wait("inference")

    def letter(self, commit: Any) -> str:
        suffix = "" if commit.repo.type == "user" else f".{commit.repo.type}"
        return f"{commit.repo.name}{suffix}@{next(key for key, id_ in self.ids.items() if id_ == commit.id)}"

    def members(self, letter: str) -> set[str]:
        return {self.letter(info.commit) for info in self.lab.client.inspect_commit(self.ids[letter])}

    def resolve(self, repo: str, letter: str) -> str:
        return self.letter(next(self.lab.client.inspect_commit((repo, self.ids[letter]))).commit)


@pytest.fixture
def story(lab: Lab) -> Story:
    story = Story(lab)
    story.play()
    return story


def test_commit_sets(story: Story) -> None:
    sets = {letter: story.members(letter) for letter in story.ids}
    assert [len(sets[letter]) for letter in "TXRIVWY"] == [1, 4, 1, 7, 8, 8, 7]
    assert sets["X"] == {"training@T", "model.spec@X", "model@X", "model.meta@X"}
    assert sets["W"] == {
        *("training@W", "model@W", "model.meta@W", "inference@W", "inference.meta@W"),
        *("inference.spec@I", "model.spec@V", "reviews@R"),
    }


def test_direct_provenance(story: Story) -> None:
    expected = {
        ("model", "X"): {"training@T", "model.spec@X"},
        ("inference", "I"): {"reviews@R", "model@X", "inference.spec@I"},
        ("model", "V"): {"training@T", "model.spec@V"},
        ("inference", "V"): {"reviews@R", "model@V", "inference.spec@I"},
        ("model", "W"): {"training@W", "model.spec@V"},
        ("inference", "Y"): {"reviews@Y", "model@W", "inference.spec@I"},
    }
    for (repo, letter), upstream in expected.items():
        info = next(story.lab.client.inspect_commit((repo, story.ids[letter])))
        assert {story.letter(commit) for commit in info.direct_provenance} == upstream


def test_references_through_runs(story: Story) -> None:
    assert [story.resolve("training", letter) for letter in "XVIWY"] == [f"training@{to}" for to in "TTTWW"]
    assert [story.resolve("model", letter) for letter in "IY"] == ["model@X", "model@W"]
    assert [story.resolve("reviews", letter) for letter in "VWI"] == ["reviews@R"] * 3
    for repo, letter in (("training", "R"), ("reviews", "X"), ("inference", "X")):
        with pytest.raises(grpc.RpcError, match="not found"):
            story.resolve(repo, letter)


def test_jobs(story: Story) -> None:
    runs = {
        found.job_set.id: {
            info.job.pipeline.name: f"v{info.pipeline_version} {info.data_processed}+{info.data_skipped}"
            for info in found.jobs
        }
        for found in story.lab.client.list_job()
    }
    assert {key: runs.get(id_, {}) for key, id_ in story.ids.items()} == {
        "T": {},
        "X": {"model": "v1 1+0"},
        "R": {},
        "I": {"inference": "v1 1+0"},
        "V": {"model": "v2 0+1", "inference": "v1 0+1"},
        "W": {"model": "v2 1+0", "inference": "v1 1+0"},
        "Y": {"inference": "v1 1+1"},
    }


def test_the_spec_commit_tells_the_version(story: Story) -> None:
    found = {info.version: info.spec_commit.id for info in story.lab.client.list_pipeline(history=-1)}
    assert found[2] == story.ids["V"]
    in_force = story.lab.client.inspect_commit(("model", story.ids["W"]))
    [spec] = [commit for commit in next(in_force).direct_provenance if commit.repo.type == "spec"]
    assert spec.id == story.ids["V"]
