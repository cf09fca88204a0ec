"""Names and times in a record, and the description of the run's surroundings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.evidence import environment, moments, refs

NAMES = st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True)


@given(NAMES, NAMES, st.sampled_from(["user", "spec", "meta"]), st.from_regex(r"[0-9a-f]{32}", fullmatch=True))
def test_a_commits_name_has_all_its_parts(project: str, repo: str, type_: str, id_: str) -> None:
    assert refs.parse(refs.commit(repo, id_, type_, project)) == refs.CommitRef(project, repo, type_, id_)


def test_messages_without_project_or_type_mean_the_defaults() -> None:
    assert refs.repo("training", "", "") == "default/training"


@pytest.mark.parametrize(
    "text", ["", "training@1", "default/training", "default/@1", "/training@1", "default/training@"]
)
def test_what_names_no_commit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="does not name a commit"):
        refs.parse(text)


MOMENTS = st.tuples(st.integers(0, 4_000_000_000), st.integers(0, 999_999_999))


@given(MOMENTS, MOMENTS)
def test_texts_sort_as_times_do(first: tuple[int, int], second: tuple[int, int]) -> None:
    assert (moments.from_epoch(*first) < moments.from_epoch(*second)) == (first < second)


@given(MOMENTS)
def test_a_time_is_read_back_to_the_microsecond(moment: tuple[int, int]) -> None:
    assert moments.seconds(moments.from_epoch(*moment)) == pytest.approx(moment[0] + moment[1] / 1e9, abs=1e-6)


def test_an_unknown_time_gives_no_duration() -> None:
    assert moments.between(None, moments.now()) is None
    assert moments.between(moments.from_epoch(10), moments.from_epoch(12, 500_000_000)) == 2.5


@pytest.mark.parametrize(
    ("command", "kept"),
    [
        (["pytest", "--cluster-token", "abc", "-v"], ("pytest", "--cluster-token", "…", "-v")),
        (["pytest", "--cluster-token=abc"], ("pytest", "--cluster-token=…")),
        (["tox", "--password", "-v"], ("tox", "--password", "-v")),
        (["pytest", "scenarios"], ("pytest", "scenarios")),
    ],
)
def test_secrets_do_not_reach_the_record(command: list[str], kept: tuple[str, ...]) -> None:
    assert environment.describe("run", "", "", command).command == kept


def test_the_run_names_the_packages_it_ran_with() -> None:
    run = environment.describe("run", moments.now(), moments.now(), ["tox"])
    assert run.packages["python-pachyderm"] == "7.6.0"
    assert list(run.packages) == sorted(run.packages, key=str.lower)
