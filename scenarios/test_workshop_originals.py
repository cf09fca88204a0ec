"""Chapter 7: the workshop's own files.

The two pipeline specs as the workshop published them, for Pachyderm 1.6 and images that no longer exist. They run
unchanged: the reader of specs translates the dialect and says so, and the images' names lead to ours. This chapter has
a project of its own.
"""

# ruff: noqa: ARG001 -- a fixture that asks for another puts the steps in order

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.evidence import predictions

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.data import DataSet
    from harness.evidence.ledger import ChapterLedger
    from harness.specs import Spec
    from harness.workflow import Run, Workflow

TRAINING_FILE = "/labeledTrainData.tsv"


@pytest.fixture(scope="module")
def workshop(workflow: Workflow, dataset: DataSet) -> Workflow:
    """A project with the workshop's data."""
    project = workflow.in_new_project("workshop")
    project.create_repo("training", "reviews")
    project.put("training", {TRAINING_FILE: dataset.training})
    project.put("reviews", {f"/{path.name}": path for path in dataset.reviews})
    return project


@pytest.fixture(scope="module")
def train(workshop: Workflow, spec: Callable[[str], Spec]) -> Run:
    """The workshop's ``train.json``."""
    return workshop.start(spec("workshop/train"))


@pytest.fixture(scope="module")
def infer(workshop: Workflow, train: Run, spec: Callable[[str], Spec]) -> Run:
    """The workshop's ``infer.json``."""
    return workshop.start(spec("workshop/infer"))


def test_what_was_translated_is_told(spec: Callable[[str], Spec], checks: ChapterLedger) -> None:
    """Nothing is changed silently."""
    notes = {name: list(spec(f"workshop/{name}").notes) for name in ("train", "infer")}
    checks.equal("notes on train.json", notes["train"][0], "input: the atom input 'training' became a pfs input")
    checks.equal("notes on both", [len(notes["train"]), len(notes["infer"])], [1, 2])


def test_train_json_gives_a_model(workshop: Workflow, train: Run, checks: ChapterLedger) -> None:
    """Two epochs, as the workshop's command says."""
    checks.equal("datums processed, skipped and in all", train.counts, {"model": "1+0/1"})
    checks.equal("files of the model", workshop.paths("model", train.id), ["/imdb.p", "/imdb.vocab"])


def test_infer_json_gives_two_predictions(workshop: Workflow, infer: Run, checks: ChapterLedger) -> None:
    """One file a review, in the workshop's format."""
    checks.equal("datums processed, skipped and in all", infer.counts, {"inference": "2+0/2"})
    found = workshop.files("inference", infer.id)
    checks.equal("files", sorted(found), ["/1.txt", "/2.txt"])
    unreadable = [path for path, content in found.items() if predictions.parse(content.decode()) is None]
    checks.equal("predictions in another format", unreadable, [])


def test_the_same_data_and_epochs_give_the_same_bytes(
    workflow: Workflow, retrained: Run, workshop: Workflow, train: Run, infer: Run, checks: ChapterLedger
) -> None:
    """The story's second model was trained elsewhere, by another spec, on the same data for as long: it is the same."""
    for repo, ours, theirs in (("model", retrained, train), ("inference", retrained, infer)):
        first, second = workflow.files(repo, ours.id), workshop.files(repo, theirs.id)
        checks.equal(f"files of {repo} that differ", [path for path in first if first[path] != second[path]], [])
