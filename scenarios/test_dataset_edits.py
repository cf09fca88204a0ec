"""Chapter 5: edits of the data.

Only what an edit concerns is done again. Labelled reviews are removed, and the model is trained and used anew; a review
is added, and it alone is inferred; a review is deleted, and its result goes, without any computation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.data import parse

if TYPE_CHECKING:
    from harness.evidence.ledger import ChapterLedger
    from harness.workflow import Run, Workflow

TRAINING_FILE = "/labeledTrainData.tsv"


def test_removing_labelled_reviews_retrains(
    workflow: Workflow, training: str, training_edited: Run, checks: ChapterLedger
) -> None:
    """Two reviews go in one commit: one run, one training, and every review inferred with its model."""
    counts = {"model": "1+0/1", "inference": "2+0/2"}
    checks.equal("datums processed, skipped and in all", training_edited.counts, counts)
    checks.equal("commits of training", workflow.history("training"), [training_edited.id, training])
    before, after = (
        len(parse(workflow.read("training", commit, TRAINING_FILE), TRAINING_FILE))
        for commit in (training, training_edited.id)
    )
    checks.equal("labelled reviews that are gone", before - after, 2)


def test_the_removed_reviews_change_the_model(
    workflow: Workflow, retrained: Run, training_edited: Run, checks: ChapterLedger
) -> None:
    """Same code, other data, other model, other predictions."""
    checks.compare("Two labelled reviews removed", "inference", retrained.id, training_edited.id)
    for repo in ("model", "inference"):
        old, new = (workflow.files(repo, run.id) for run in (retrained, training_edited))
        checks.equal(f"files of {repo} that stayed", [path for path in old if old[path] == new[path]], [])


def test_an_added_review_is_inferred_alone(
    workflow: Workflow, training_edited: Run, review_added: Run, checks: ChapterLedger
) -> None:
    """Of three datums one is processed. The model has no job: nobody asked it for anything."""
    checks.equal("datums processed, skipped and in all", review_added.counts, {"inference": "1+2/3"})
    before, after = (workflow.files("inference", run.id) for run in (training_edited, review_added))
    checks.equal("new files", sorted(set(after) - set(before)), ["/3.txt"])
    checks.true("the others are as they were", before.items() <= after.items())


def test_a_deleted_review_takes_its_prediction_along(
    workflow: Workflow, review_added: Run, review_deleted: Run, checks: ChapterLedger
) -> None:
    """Nothing is computed: the two reviews that are left are skipped, and their results taken over."""
    checks.equal("datums processed, skipped and in all", review_deleted.counts, {"inference": "0+2/2"})
    before, after = (workflow.files("inference", run.id) for run in (review_added, review_deleted))
    checks.equal("files that went", sorted(set(before) - set(after)), ["/1.txt"])
    checks.true("the others are as they were", after.items() <= before.items())
