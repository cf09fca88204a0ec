"""What the scenarios of the sample say: five chapters over the played story."""

from __future__ import annotations

import hashlib

from harness.evidence import moments
from harness.evidence.ledger import ChapterLedger
from harness.evidence.story import Chapter, Cluster, DataFile, DataSet, Run
from harness.report.sample.story import REVIEWS, START, TRAINING, commit_id

CLUSTER = Cluster("sample", "127.0.0.1:30650", "2.7.0", commit_id("cluster"), "private mount namespace")
_FILES = {**TRAINING, **REVIEWS}


def run(finished: str) -> Run:
    """The sample's run."""
    files = tuple(
        DataFile(path.lstrip("/"), hashlib.sha256(content).hexdigest(), len(content), content.count(b"\n") or None)
        for path, content in _FILES.items()
    )
    data = DataSet("synthetic", "made up by the harness", files, "Short invented reviews; no real data was used.")
    return Run(
        "sample",
        moments.from_epoch(START),
        finished,
        "0.1.0",
        ("tox",),
        "CPython 3.11.2",
        "linux x86_64",
        {"grpcio": "1.85.1", "numpy": "2.4.6", "pachyderm-harness": "0.1.0", "python-pachyderm": "7.6.0"},
        data,
    )


def chapters() -> tuple[Chapter, ...]:
    """The five chapters, all passed."""
    return (_training(), _inference(), _retraining(), _new_data(), _edit())


def _training() -> Chapter:
    checks = _open("1_training", "Initial training", "Put the training data, create `model`, and get a model from it.")
    for path, content in TRAINING.items():
        checks.put("training", commit_id("t"), path, hashlib.sha256(content).hexdigest())
    checks.equal("files of the model", ["/imdb.p", "/imdb.vocab"], ["/imdb.p", "/imdb.vocab"])
    checks.equal("the model is made from the training commit", commit_id("t"), commit_id("t"))
    return _close(checks, 9.812)


def _inference() -> Chapter:
    checks = _open("2_inference", "Parallel inference", "Six reviews become six datums, each with its own prediction.")
    for path, content in REVIEWS.items():
        checks.put("reviews", commit_id("r"), path, hashlib.sha256(content).hexdigest())
    checks.equal("datums processed", 6, 6)
    checks.equal("one prediction for each review", sorted(REVIEWS), sorted(REVIEWS))
    checks.note("The pipeline ran with two workers.")
    return _close(checks, 8.44)


def _retraining() -> Chapter:
    checks = _open("3_retraining", "Retraining", "Two epochs instead of one: all predictions are made anew.")
    checks.equal("datums processed", 6, 6, "update_pipeline with reprocess=True gives every datum a new salt")
    checks.true("the old predictions can still be explained", condition=True)
    checks.compare("one epoch against two", "inference", commit_id("i"), commit_id("v"))
    return _close(checks, 17.2)


def _new_data() -> Chapter:
    checks = _open(
        "4_new_data", "Another training set", "The training file is replaced; the model follows, then the predictions."
    )
    checks.equal("jobs of the commit set", ["inference", "model"], ["inference", "model"])
    checks.compare("before and after the new training set", "inference", commit_id("v"), commit_id("w"))
    return _close(checks, 16.9)


def _edit() -> Chapter:
    checks = _open(
        "5_edit", "One review rewritten", "Only the rewritten review is processed again; no model is trained."
    )
    checks.equal("datums processed and skipped", (1, 5), (1, 5))
    checks.equal("model jobs", 0, 0)
    checks.compare("before and after the rewrite", "inference", commit_id("w"), commit_id("y"))
    return _close(checks, 2.31)


def _open(name: str, title: str, docstring: str) -> ChapterLedger:
    return ChapterLedger(
        f"scenarios/test_{name}.py::test_{name.partition('_')[2]}", docstring.rstrip("."), docstring, f"{title}."
    )


def _close(checks: ChapterLedger, seconds: float) -> Chapter:
    checks.close("passed", seconds)
    return checks.written()
