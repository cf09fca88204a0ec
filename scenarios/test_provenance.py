"""Chapter 6: provenance.

Every prediction leads back to exactly what made it: which labelled reviews, which model, which version of each
pipeline. The ids found on the way fetch the very bytes, however far the repos have moved on since.

In Pachyderm a run makes commits only in repos that it changes. What it used unchanged is named by the old commit's id,
so the letters in the tables below are ids of different runs (the steps are listed in ``conftest.py``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.data import parse

if TYPE_CHECKING:
    from harness.data import DataSet
    from harness.evidence.ledger import ChapterLedger
    from harness.workflow import Run, Workflow

TRAINING_FILE = "/labeledTrainData.tsv"

Steps = dict[str, str]

# What each run of `inference` was made from: repo to step.
ORIGINS = {
    "I": {"training": "T", "model": "X", "model.spec": "X", "reviews": "R", "inference.spec": "I"},
    "V": {"training": "T", "model": "V", "model.spec": "V", "reviews": "R", "inference.spec": "I"},
    "W": {"training": "W", "model": "W", "model.spec": "V", "reviews": "R", "inference.spec": "I"},
    "Y": {"training": "W", "model": "W", "model.spec": "V", "reviews": "Y", "inference.spec": "I"},
    "Z": {"training": "W", "model": "W", "model.spec": "V", "reviews": "Z", "inference.spec": "I"},
}

# Which commit of a repo a run used, for every run; "" where it used none.
RESOLUTION = {
    "training": {"T": "T", "X": "T", "R": "", "I": "T", "V": "T", "W": "W", "Y": "W", "Z": "W"},
    "model": {"T": "", "X": "X", "R": "", "I": "X", "V": "V", "W": "W", "Y": "W", "Z": "W"},
    "model.spec": {"T": "", "X": "X", "R": "", "I": "X", "V": "V", "W": "V", "Y": "V", "Z": "V"},
    "reviews": {"T": "", "X": "", "R": "R", "I": "R", "V": "R", "W": "R", "Y": "Y", "Z": "Z"},
    "inference.spec": {"T": "", "X": "", "R": "", "I": "I", "V": "I", "W": "I", "Y": "I", "Z": "I"},
    "inference": {"T": "", "X": "", "R": "", "I": "I", "V": "V", "W": "W", "Y": "Y", "Z": "Z"},
    # Bookkeeping is nobody's input: only its own runs find it.
    "model.meta": {"T": "", "X": "X", "R": "", "I": "", "V": "V", "W": "W", "Y": "", "Z": ""},
}

# How many commits a run has, those that it used included.
SIZES = {"T": 1, "X": 4, "R": 1, "I": 7, "V": 8, "W": 8, "Y": 7, "Z": 7}


@pytest.fixture(scope="module")
def steps(
    training: str,
    trained: Run,
    reviews: str,
    inferred: Run,
    retrained: Run,
    training_edited: Run,
    review_added: Run,
    review_deleted: Run,
) -> Steps:
    """The whole story: each step's letter to its id."""
    ids = {"T": training, "X": trained.id, "R": reviews, "I": inferred.id, "V": retrained.id}
    return {**ids, "W": training_edited.id, "Y": review_added.id, "Z": review_deleted.id}


def letters(steps: Steps, ids: dict[str, str]) -> dict[str, str]:
    """Ids as the letters of their steps, which read better in a report."""
    names = {id_: letter for letter, id_ in steps.items()}
    return {repo: names.get(id_, id_) for repo, id_ in ids.items()}


@pytest.mark.parametrize("step", ORIGINS)
def test_predictions_lead_to_what_made_them(workflow: Workflow, steps: Steps, step: str, checks: ChapterLedger) -> None:
    """Following direct provenance from a commit of predictions to its end finds exactly these commits."""
    found = letters(steps, workflow.origins("inference", steps[step]))
    checks.equal(f"origins of inference@{step}", found, ORIGINS[step])


@pytest.mark.parametrize("repo", RESOLUTION)
def test_any_runs_id_finds_the_commit_that_it_used(
    workflow: Workflow, steps: Steps, repo: str, checks: ChapterLedger
) -> None:
    """A run's id works in every repo that took part in it, and in no other."""
    found = {step: workflow.resolve(repo, id_) or "" for step, id_ in steps.items()}
    checks.equal(f"which commit of {repo} each run used", letters(steps, found), RESOLUTION[repo])


def test_the_sets_of_commits_are_complete(workflow: Workflow, steps: Steps, checks: ChapterLedger) -> None:
    """A run's set holds what it made and what it used, and nothing else."""
    checks.equal("sizes", {step: len(workflow.commit_set(id_)) for step, id_ in steps.items()}, SIZES)


@pytest.mark.parametrize("step", ORIGINS)
def test_the_data_is_fetched_by_the_ids(
    workflow: Workflow, dataset: DataSet, steps: Steps, step: str, checks: ChapterLedger
) -> None:
    """The labelled reviews behind a prediction: those of the beginning, or those without the two that were removed."""
    commit = workflow.origins("inference", steps[step])["training"]
    rows = parse(workflow.read("training", commit, TRAINING_FILE), TRAINING_FILE)
    original = parse(dataset.training.read_bytes(), TRAINING_FILE)
    expected = original if ORIGINS[step]["training"] == "T" else original[2:]
    found, wanted = ([(row.id, row.sentiment, row.review) for row in each] for each in (rows, expected))
    checks.true(f"the labelled reviews behind inference@{step} are the right {len(expected)}", found == wanted)


@pytest.mark.parametrize("step", ORIGINS)
def test_the_code_is_found_by_the_ids(workflow: Workflow, steps: Steps, step: str, checks: ChapterLedger) -> None:
    """The spec commit behind a prediction tells how many epochs its model was trained for."""
    spec_commit = workflow.origins("inference", steps[step])["model.spec"]
    command = workflow.command("model", spec_commit)
    epochs = "1" if ORIGINS[step]["model.spec"] == "X" else "2"
    checks.equal(f"epochs behind inference@{step}", command[command.index("-e") + 1], epochs)


def test_old_predictions_still_lead_to_the_old_model(workflow: Workflow, steps: Steps, checks: ChapterLedger) -> None:
    """Three models were made; each prediction leads to the one that made it, and its bytes are still there."""
    weights = {step: workflow.read("model", steps[step], "/imdb.p") for step in ("X", "V", "W")}
    checks.equal("different models", len(set(weights.values())), 3)
    for step, origins in ORIGINS.items():
        behind = workflow.read("model", workflow.origins("inference", steps[step])["model"], "/imdb.p")
        made = [name for name, content in weights.items() if content == behind]
        checks.equal(f"the model behind inference@{step}", made, [origins["model"]])
