"""A record made by hand: the workshop's story on made-up data, for the documentation's sample report and for tests.

Seven commit sets, as Pachyderm would make them: training data (t), pipeline ``model`` (x), reviews (r), pipeline
``inference`` (i), more epochs for the model (v), another training set (w), one review rewritten (y).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.evidence import predictions
from harness.evidence.model import Record
from harness.evidence.seal import sealed
from harness.report.sample.chapters import CLUSTER, chapters, run
from harness.report.sample.story import REVIEWS, TRAINING, Story, commit_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.evidence.story import Chapter

__all__ = ["Story", "commit_id", "played", "record", "told"]


def record() -> Record:
    """The sample: a run in which every check passed."""
    return told(played(), chapters())


def played() -> Story:
    """The story up to its end; tests may go on from there."""
    story = Story()
    story.put("t", "training", TRAINING)
    story.create("x", "model", "train.py -e 1")
    story.put("r", "reviews", REVIEWS)
    story.create("i", "inference", "auto_inference.py")
    story.create("v", "model", "train.py -e 2")
    story.put("w", "training", {path: content + b"3\t0\tworse\n" for path, content in TRAINING.items()})
    story.put("y", "reviews", {**REVIEWS, "/2.txt": b"review 2, rewritten"})
    return story


def told(story: Story, scenarios: Sequence[Chapter] = ()) -> Record:
    """The sealed record of a played story."""
    return sealed(
        Record(
            run(story.tick(2)),
            CLUSTER,
            tuple(scenarios),
            story.repos(),
            tuple(story.versions),
            tuple(story.commits),
            tuple(story.jobs),
            predictions.tables(story.commits, scenarios),
        )
    )
