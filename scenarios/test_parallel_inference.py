"""Chapter 3: parallel inference.

Hundreds of reviews, ten workers. What comes out must not depend on how the work was spread: one worker that takes all
reviews in a single process gives the same files, byte for byte. This chapter has a project of its own, with the first
model in it as data.
"""

# ruff: noqa: ARG001 -- a fixture that asks for another puts the steps in order

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.data import DataSet
    from harness.evidence.ledger import ChapterLedger
    from harness.specs import Spec
    from harness.workflow import Run, Workflow

REVIEWS = 200


@pytest.fixture(scope="module")
def parallel(trained: Run, workflow: Workflow, dataset: DataSet) -> Workflow:
    """A project with the first model and hundreds of reviews."""
    project = workflow.in_new_project("parallel")
    project.create_repo("reviews", "model")
    project.put("model", workflow.files("model", trained.id))
    project.put("reviews", {f"/{name}": text.encode() for name, text in dataset.more_reviews[:REVIEWS]})
    return project


@pytest.fixture(scope="module")
def ten_workers(parallel: Workflow, spec: Callable[[str], Spec]) -> Run:
    """Every review is a datum of its own; ten workers share them."""
    return parallel.start(spec("infer-ten-workers"))


@pytest.fixture(scope="module")
def one_worker(parallel: Workflow, spec: Callable[[str], Spec]) -> Run:
    """All reviews are one datum, for one worker."""
    alone = spec("infer").with_(name="inference-alone", parallelism=1, glob={"reviews": "/"})
    return parallel.start(alone)


def test_ten_workers_infer_hundreds_of_reviews(ten_workers: Run, checks: ChapterLedger) -> None:
    """Each review is processed once."""
    checks.equal("datums processed, skipped and in all", ten_workers.counts, {"inference": f"{REVIEWS}+0/{REVIEWS}"})


def test_several_workers_took_part(parallel: Workflow, ten_workers: Run, checks: ChapterLedger) -> None:
    """The log of the job names the worker behind every line."""
    log = parallel.client.get_job_logs("inference", ten_workers.id, project_name=parallel.project)
    workers = {message.worker_id for message in log if message.worker_id}
    checks.note(f"{len(workers)} workers took part")
    checks.true("more than one worker took part", len(workers) > 1)


def test_one_worker_gives_the_same_bytes(
    parallel: Workflow, ten_workers: Run, one_worker: Run, checks: ChapterLedger
) -> None:
    """The same files with the same contents."""
    checks.equal("datums of the one worker", one_worker.counts, {"inference-alone": "1+0/1"})
    many, alone = parallel.files("inference", ten_workers.id), parallel.files("inference-alone", one_worker.id)
    checks.equal("number of predictions", len(many), REVIEWS)
    checks.equal("predictions that only one of them made", sorted(set(many) ^ set(alone)), [])
    checks.equal("predictions that differ", [path for path in many if many[path] != alone[path]], [])


def test_more_workers_are_no_reason_to_start_over(
    parallel: Workflow, ten_workers: Run, one_worker: Run, spec: Callable[[str], Spec], checks: ChapterLedger
) -> None:
    """Updating the number of workers makes a run in which everything is skipped, and the results stay."""
    run = parallel.wait(parallel.update_pipeline(spec("infer-ten-workers").with_(parallelism=2)))
    checks.equal("datums processed, skipped and in all", run.counts, {"inference": f"0+{REVIEWS}/{REVIEWS}"})
    old, new = (parallel.files("inference", each.id) for each in (ten_workers, run))
    checks.true("the predictions are the same, byte for byte", old == new)
