"""Chapter 1: initial training.

A repo with labelled reviews, and a pipeline that reads it. Creating the pipeline is enough: the model is trained once,
from what is there, and the commit that holds it names what it was made from.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.data import DataSet
    from harness.evidence.ledger import ChapterLedger
    from harness.workflow import Run, Workflow

TRAINING_FILE = "/labeledTrainData.tsv"


def test_data_alone_starts_nothing(workflow: Workflow, training: str, checks: ChapterLedger) -> None:
    """A commit that no pipeline reads is just a commit."""
    checks.equal("the commit is alone in its set", workflow.commit_set(training), {"training": training})
    checks.equal("it started no job", workflow.wait(training).counts, {})


def test_the_repo_holds_the_reviews_byte_for_byte(
    workflow: Workflow, training: str, dataset: DataSet, checks: ChapterLedger
) -> None:
    """What was put is what is there."""
    kept = hashlib.sha256(workflow.read("training", training, TRAINING_FILE)).hexdigest()
    checks.equal("sha256 of the labelled reviews", kept, dataset.files[0].sha256)


def test_creating_the_pipeline_trains_the_model(workflow: Workflow, trained: Run, checks: ChapterLedger) -> None:
    """One job with one datum: the glob ``/`` makes all of the training data one unit of work."""
    checks.equal("datums processed, skipped and in all", trained.counts, {"model": "1+0/1"})
    checks.equal("files of the model", workflow.paths("model", trained.id), ["/imdb.p", "/imdb.vocab"])


def test_the_run_is_one_set_of_commits(workflow: Workflow, training: str, trained: Run, checks: ChapterLedger) -> None:
    """The pipeline's spec, its output and its bookkeeping share the run's id; the data keeps its own."""
    made = dict.fromkeys(("model", "model.spec", "model.meta"), trained.id)
    checks.equal("commits of the run", workflow.commit_set(trained.id), {"training": training, **made})
