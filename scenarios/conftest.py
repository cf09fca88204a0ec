"""The story that the chapters tell, step by step.

One cluster serves the whole run, and every step happens once: a chapter asks for the steps that it tells about, and
each step asks for the one before. So a chapter that runs alone takes just the steps that it needs, in the same order.

=====  ==================================================  =====================================================
step   what is done                                        fixture
=====  ==================================================  =====================================================
T      the labelled reviews are committed to `training`    ``training``
X      pipeline `model` is created: one epoch              ``trained``
R      two reviews are committed to `reviews`              ``reviews``
I      pipeline `inference` is created                     ``inferred``
V      `model` is updated to two epochs, reprocessed       ``retrained``
W      two labelled reviews are removed                    ``training_edited``
Y      a third review is added                             ``review_added``
Z      the first review is deleted                         ``review_deleted``
=====  ==================================================  =====================================================
"""

# ruff: noqa: ARG001 -- a fixture that asks for another puts the steps in order

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.data import DataSet, parse, remove_rows
from harness.specs import Spec, load_one
from harness.workflow import CallError

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.workflow import Run, Workflow

CHAPTERS = (
    "test_initial_training",
    "test_inference",
    "test_parallel_inference",
    "test_retraining",
    "test_dataset_edits",
    "test_provenance",
    "test_workshop_originals",
)
SPECS = Path(__file__).parents[1] / "specs"
TRAINING_FILE = "/labeledTrainData.tsv"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Chapters run in the story's order."""
    items.sort(key=lambda item: CHAPTERS.index(item.path.stem) if item.path.stem in CHAPTERS else len(CHAPTERS))


@pytest.fixture(scope="session")
def spec() -> Callable[[str], Spec]:
    """Reads a pipeline spec by its name in the folder ``specs``."""
    return lambda name: load_one(SPECS / f"{name}.json")


@pytest.fixture(scope="session")
def training(workflow: Workflow, dataset: DataSet) -> str:
    """Step T: the labelled reviews are committed. The commit's id."""
    try:
        workflow.create_repo("training", "reviews")
    except CallError as error:
        if error.code != "ALREADY_EXISTS":
            raise
        pytest.exit(f"{error}; the story needs a cluster without repos and pipelines of its names: take another", 2)
    return workflow.put("training", {TRAINING_FILE: dataset.training})


@pytest.fixture(scope="session")
def trained(training: str, workflow: Workflow, spec: Callable[[str], Spec]) -> Run:
    """Step X: the training pipeline is created, and its first run has ended."""
    return workflow.start(spec("train"))


@pytest.fixture(scope="session")
def reviews(trained: Run, workflow: Workflow, dataset: DataSet) -> str:
    """Step R: two reviews are committed. The commit's id."""
    return workflow.put("reviews", {f"/{path.name}": path for path in dataset.reviews})


@pytest.fixture(scope="session")
def inferred(reviews: str, workflow: Workflow, spec: Callable[[str], Spec]) -> Run:
    """Step I: the inference pipeline is created, and its first run has ended."""
    return workflow.start(spec("infer"))


@pytest.fixture(scope="session")
def retrained(inferred: Run, workflow: Workflow, spec: Callable[[str], Spec]) -> Run:
    """Step V: the training pipeline is updated to two epochs, and everything after it is done anew."""
    return workflow.wait(workflow.update_pipeline(spec("train-two-epochs"), reprocess=True))


@pytest.fixture(scope="session")
def training_edited(retrained: Run, workflow: Workflow, dataset: DataSet) -> Run:
    """Step W: two labelled reviews are removed, in one commit."""
    labelled = dataset.training.read_bytes()
    first_two = [row.id for row in parse(labelled, dataset.training.name)[:2]]
    with workflow.commit("training") as changes:
        changes.put(TRAINING_FILE, remove_rows(labelled, first_two))
    return workflow.wait(changes.id)


@pytest.fixture(scope="session")
def review_added(training_edited: Run, workflow: Workflow, dataset: DataSet) -> Run:
    """Step Y: a third review is added."""
    _name, text = dataset.more_reviews[0]
    return workflow.wait(workflow.put("reviews", {"/3.txt": text.encode()}))


@pytest.fixture(scope="session")
def review_deleted(review_added: Run, workflow: Workflow) -> Run:
    """Step Z: the first review is deleted."""
    return workflow.wait(workflow.delete("reviews", "/1.txt"))
