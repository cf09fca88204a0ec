"""Chapter 2: inference.

A second pipeline crosses the reviews with the model: every review is a datum of its own, and becomes one file with the
model's opinion, named after the review.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.evidence import predictions

if TYPE_CHECKING:
    from harness.evidence.ledger import ChapterLedger
    from harness.workflow import Run, Workflow


def test_every_review_is_inferred(inferred: Run, checks: ChapterLedger) -> None:
    """Two reviews, two datums. The model is there already, so its pipeline has nothing to do."""
    checks.equal("datums processed, skipped and in all", inferred.counts, {"inference": "2+0/2"})


def test_each_prediction_is_a_file_in_the_workshops_format(
    workflow: Workflow, inferred: Run, checks: ChapterLedger
) -> None:
    """``Pred - [[ 0.96319997  0.03679999]]``: the probabilities that the review is negative and that it is positive."""
    files = workflow.files("inference", inferred.id)
    checks.equal("one file a review", sorted(files), ["/1.txt", "/2.txt"])
    for path, content in files.items():
        values = predictions.parse(content.decode()) or ()
        checks.equal(f"{path} holds two probabilities", len(values), 2, content.decode())
        checks.true(f"the probabilities in {path} sum up to 1", abs(sum(values) - 1) < 1e-6, content.decode())


def test_the_run_reaches_back_to_everything_it_used(
    workflow: Workflow, training: str, trained: Run, reviews: str, inferred: Run, checks: ChapterLedger
) -> None:
    """The set of commits of the run names the model that was used, and what the model was made from."""
    made = dict.fromkeys(("inference", "inference.spec", "inference.meta"), inferred.id)
    used = {"reviews": reviews, "training": training, "model": trained.id, "model.spec": trained.id}
    checks.equal("commits of the run", workflow.commit_set(inferred.id), {**made, **used})
