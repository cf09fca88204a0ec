"""Chapter 4: retraining.

The training pipeline is updated from one epoch to two. Inference was not touched, and still all of its results are made
anew: they depend on the model. The old model and the old results stay where they were.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.evidence.ledger import ChapterLedger
    from harness.workflow import Run, Workflow


def test_the_model_is_retrained_and_every_review_inferred_again(retrained: Run, checks: ChapterLedger) -> None:
    """One update sets off two jobs, of one id.

    The update asks for reprocessing. Without it Pachyderm would keep the old model under the new spec, since what a
    datum is known by has its data in it and not its code.
    """
    counts = {"model": "1+0/1", "inference": "2+0/2"}
    checks.equal("datums processed, skipped and in all", retrained.counts, counts)


def test_two_epochs_make_another_model(workflow: Workflow, trained: Run, retrained: Run, checks: ChapterLedger) -> None:
    """The weights differ; the vocabulary, which comes from the data alone, does not."""
    old, new = (workflow.files("model", run.id) for run in (trained, retrained))
    checks.true("the weights changed", old["/imdb.p"] != new["/imdb.p"])
    checks.true("the vocabulary is the same, byte for byte", old["/imdb.vocab"] == new["/imdb.vocab"])


def test_the_new_model_thinks_otherwise(
    workflow: Workflow, inferred: Run, retrained: Run, checks: ChapterLedger
) -> None:
    """Every prediction is a new one, for the same reviews."""
    old, new = (workflow.files("inference", run.id) for run in (inferred, retrained))
    checks.compare("One epoch, two epochs", "inference", inferred.id, retrained.id)
    checks.equal("the reviews are the same", sorted(new), sorted(old))
    checks.equal("predictions that stayed", [path for path in old if old[path] == new[path]], [])


def test_nothing_else_was_committed(
    workflow: Workflow, training: str, reviews: str, inferred: Run, retrained: Run, checks: ChapterLedger
) -> None:
    """The run names the same data and the same inference code as before, by their old ids."""
    made = dict.fromkeys(("model", "model.spec", "model.meta", "inference", "inference.meta"), retrained.id)
    used = {"training": training, "reviews": reviews, "inference.spec": inferred.id}
    checks.equal("commits of the run", workflow.commit_set(retrained.id), {**made, **used})
