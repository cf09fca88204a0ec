"""The ledger records what scenarios check, and makes a test fail when a check does."""

from __future__ import annotations

import threading

import pytest

from harness.evidence.ledger import CheckFailedError, Ledger


def test_a_check_that_holds_is_recorded() -> None:
    ledger = Ledger()
    ledger.chapter("a.py::one", "One").equal("same", 3, 3, "counts reviews")
    (chapter,) = ledger.written()
    (check,) = chapter.checks
    assert (check.name, check.passed, check.expected, check.actual) == ("same", True, 3, 3)
    assert check.explanation == "counts reviews"


def test_a_check_that_fails_is_recorded_before_it_raises() -> None:
    checks = Ledger().chapter("a.py::one")
    with pytest.raises(CheckFailedError, match=r"processed\s+expected: 2\s+actual:   3\s+one review changed"):
        checks.equal("processed", 3, 2, "one review changed")
    (check,) = checks.written().checks
    assert not check.passed


def test_check_tells_and_never_raises() -> None:
    checks = Ledger().chapter("a.py::one")
    assert checks.check("list", [1], [1]) is True
    assert checks.check("list", [1], [2]) is False


def test_true_takes_any_truth() -> None:
    checks = Ledger().chapter("a.py::one")
    checks.true("has files", ["a"])
    with pytest.raises(CheckFailedError):
        checks.true("has files", [])


@pytest.mark.parametrize(
    ("value", "json"),
    [
        ({2, 1}, [1, 2]),
        ((1, b"x"), [1, "b'x'"]),
        (float("nan"), "nan"),
        ({1: "a"}, {"1": "a"}),
        ("x" * 4001, "x" * 4000 + "… (1 more characters)"),
    ],
)
def test_values_json_cannot_say_become_what_it_can(value: object, json: object) -> None:
    checks = Ledger().chapter("a.py::one")
    checks.check("value", value, value)
    assert checks.written().checks[0].actual == json


def test_puts_and_comparisons_name_commits_as_the_record_does() -> None:
    checks = Ledger().chapter("a.py::one")
    checks.put("training", "aa" * 16, "data.tsv", "00" * 32)
    checks.compare("retrained", "inference", "b" * 32, "c" * 32)
    chapter = checks.written()
    assert chapter.puts[0].commit == "default/training@" + "aa" * 16
    assert chapter.puts[0].path == "/data.tsv"
    assert chapter.comparisons[0].after == "default/inference@" + "c" * 32


def test_a_chapter_says_how_it_ended() -> None:
    ledger = Ledger()
    assert ledger.chapter("a.py::one", part="Chapter 1.").written().outcome == "skipped"
    ledger.chapter("a.py::one").close("failed", 1.5, "boom")
    (chapter,) = ledger.written()
    assert (chapter.outcome, chapter.duration, chapter.error, chapter.part) == ("failed", 1.5, "boom", "Chapter 1.")


def test_many_threads_lose_nothing() -> None:
    ledger = Ledger()

    def work(number: int) -> None:
        for count in range(50):
            ledger.chapter("a.py::one").check(f"{number}-{count}", count, count)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (chapter,) = ledger.written()
    assert len({check.name for check in chapter.checks}) == 400
