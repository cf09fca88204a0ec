"""Verdicts: a sound record has no problem, and each kind of damage is found, named and placed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from harness.evidence.model import CLUSTER, Omission
from harness.evidence.seal import sealed
from harness.evidence.story import Chapter, Put
from harness.report import sample
from harness.verify import judge

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.evidence.facts import Commit, Job
    from harness.evidence.model import Record
    from harness.verify.verdicts import Verdict


def _ref(repo: str, letter: str) -> str:
    return f"default/{repo}@{sample.commit_id(letter)}"


def _with_commit(ref: str, change: Callable[[Commit], Commit]) -> Record:
    record = sample.record()
    assert any(commit.ref == ref for commit in record.commits)
    commits = tuple(change(commit) if commit.ref == ref else commit for commit in record.commits)
    return sealed(replace(record, commits=commits))


def _with_job(pipeline: str, letter: str, change: Callable[[Job], Job]) -> Record:
    record = sample.record()
    key = (f"default/{pipeline}", sample.commit_id(letter))
    assert any((job.pipeline, job.id) == key for job in record.jobs)
    jobs = tuple(change(job) if (job.pipeline, job.id) == key else job for job in record.jobs)
    return sealed(replace(record, jobs=jobs))


def _findings(record: Record) -> dict[str, Verdict]:
    return {verdict.name: verdict for verdict in judge(record) if verdict.problems}


def test_a_sound_record_has_no_problem() -> None:
    verdicts = judge(sample.record())
    assert {verdict.state for verdict in verdicts} == {"passed"}
    assert len({verdict.name for verdict in verdicts}) == len(verdicts)
    assert all(verdict.examined for verdict in verdicts)


def test_a_changed_record_is_tampered() -> None:
    record = sample.record()
    found = _findings(replace(record, run=replace(record.run, python="other")))
    assert list(found) == ["untouched"]
    assert found["untouched"].problems[0].kind == "tampered"


def test_a_cluster_that_did_not_answer_proves_nothing() -> None:
    found = _findings(sealed(replace(sample.record(), omissions=(Omission(CLUSTER, 1, "connection refused"),))))
    assert found["complete"].problems[0].what == "connection refused"
    assert found["complete"].state == "failed"


def test_a_commit_that_vanished_is_missed_by_what_was_made_from_it() -> None:
    record = sample.record()
    commits = tuple(commit for commit in record.commits if commit.ref != _ref("reviews", "r"))
    found = _findings(sealed(replace(record, commits=commits)))
    places = {problem.where for problem in found["chain-complete"].problems}
    assert {_ref("inference", "i"), _ref("reviews", "y")} <= places
    assert all(_ref("reviews", "r") in problem.what for problem in found["chain-complete"].problems)
    assert {problem.where for problem in found["inputs-kept"].problems} == {_ref("reviews", "r")}


@pytest.mark.parametrize(
    ("provenance", "verdict", "what"),
    [
        (("inference.spec@i", "model@v", "reviews@r"), "propagation", "though the same run has default/model@"),
        (("model@w", "reviews@r"), "propagation", "exactly one commit of default/inference.spec"),
        (("inference.spec@i", "model@w", "reviews@r", "reviews@y"), "unambiguous", "2 commits of default/reviews"),
        (("inference.spec@i", "model@w", "reviews@y"), "order-in-time", "before its input default/reviews@"),
        (("inference.spec@i", "model@w"), "propagation", "names other inputs than default/inference.meta@"),
        (("inference.spec@i", "model@w", "reviews@r", "inference@w"), "acyclic", "which is made from it"),
    ],
)
def test_provenance_that_cannot_be_is_broken(provenance: tuple[str, ...], verdict: str, what: str) -> None:
    refs = tuple(_ref(*entry.split("@")) for entry in provenance)
    record = _with_commit(_ref("inference", "w"), lambda commit: replace(commit, direct_provenance=refs))
    problems = _findings(record)[verdict].problems
    assert {problem.where for problem in problems} == {_ref("inference", "w")}
    assert any(what in problem.what for problem in problems)
    assert problems[0].kind == "broken-provenance"


def test_a_cycle_through_several_commits_is_found() -> None:
    record = _with_commit(
        _ref("training", "w"), lambda commit: replace(commit, direct_provenance=(_ref("inference", "w"),))
    )
    places = {problem.where for problem in _findings(record)["acyclic"].problems}
    assert {_ref("training", "w"), _ref("model", "w"), _ref("inference", "w")} <= places


def test_an_unfinished_commit_is_not_at_rest() -> None:
    record = _with_commit(_ref("inference", "y"), lambda commit: replace(commit, finished=None))
    assert "not finished" in _findings(record)["order-in-time"].problems[0].what


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda job: replace(job, processed=2), "2 processed + 5 skipped + 0 recovered is not 6"),
        (lambda job: replace(job, datum_count=7), "lists 7 datums and counts 6"),
        (lambda job: replace(job, processed=2, skipped=4), "lists 5 skipped datums and counts 4"),
        (lambda job: replace(job, state="RUNNING"), "is still RUNNING"),
    ],
)
def test_counters_that_do_not_add_up(change: Callable[[Job], Job], what: str) -> None:
    problems = _findings(_with_job("inference", "y", change))["work-adds-up"].problems
    assert [what in problem.what for problem in problems] == [True]


def test_a_file_that_no_datum_wrote_is_found() -> None:
    record = _with_commit(
        _ref("inference", "y"),
        lambda commit: replace(commit, files=(replace(commit.files[0], datum="f" * 64), *commit.files[1:])),
    )
    (problem,) = _findings(record)["attributed"].problems
    assert problem.what.startswith("/1.txt comes from datum ffff")


def test_a_datum_that_read_other_bytes_than_its_input_holds() -> None:
    def change(job: Job) -> Job:
        first = job.datums[0]
        other = replace(first, inputs=(replace(first.inputs[0], hash="0" * 64), *first.inputs[1:]))
        return replace(job, datums=(other, *job.datums[1:]))

    (problem,) = _findings(_with_job("inference", "w", change))["inputs-match"].problems
    assert "which default/reviews@" in problem.what


def test_an_update_without_reprocessing_is_stale_and_only_a_warning() -> None:
    story = sample.played()
    story.create("z", "inference", "auto_inference.py --other", reprocess=False)
    found = _findings(sample.told(story))
    assert list(found) == ["fresh"]
    assert found["fresh"].state == "warned"
    (problem,) = found["fresh"].problems
    assert problem.where == _ref("inference", "z")
    assert problem.what.startswith("6 of 6 results were made by the code of version 1 and are served under version 2")


def test_an_update_that_changes_no_code_is_not_stale() -> None:
    story = sample.played()
    story.create("z", "inference", "auto_inference.py", reprocess=False)
    assert not _findings(sample.told(story))


@pytest.mark.parametrize(
    ("put", "kind"),
    [
        (Put(_ref("reviews", "r"), "/1.txt", "0" * 64), "tampered"),
        (Put(_ref("reviews", "r"), "/99.txt", "0" * 64), "missing"),
        (Put("default/reviews@" + "0" * 32, "/1.txt", "0" * 64), "missing"),
    ],
)
def test_bytes_that_were_put_and_are_not_there(put: Put, kind: str) -> None:
    chapter = Chapter("a.py::b", "B", "", "passed", 1.0, puts=(put,))
    (problem,) = _findings(sealed(replace(sample.record(), chapters=(chapter,))))["inputs-kept"].problems
    assert (problem.kind, problem.where) == (kind, put.commit)


def test_a_file_too_large_to_fetch_is_unverifiable() -> None:
    record = _with_commit(
        _ref("training", "t"),
        lambda commit: replace(commit, files=tuple(replace(file, sha256=None) for file in commit.files)),
    )
    (problem,) = _findings(record)["inputs-kept"].problems
    assert problem.kind == "unverifiable"
