"""Scenarios are shown by their files, under those files' own words."""

from __future__ import annotations

from harness import report
from harness.evidence.story import Chapter, Check, Outcome
from harness.report import sample
from harness.report.parts import parts


def _chapter(nodeid: str, outcome: Outcome = "passed", part: str = "") -> Chapter:
    return Chapter(
        nodeid, nodeid.rpartition("::")[2], "", outcome, 1.5, (Check("same", outcome == "passed", 1, 1),), part=part
    )


def test_scenarios_of_one_file_are_one_part() -> None:
    first, second = parts(
        [
            _chapter("scenarios/test_a.py::one", part="Chapter 1: a story.\n\nIt goes\nlike this.\n"),
            _chapter("scenarios/test_b_side.py::two", "skipped"),
            _chapter("scenarios/test_a.py::three", "failed"),
        ]
    )
    assert (first.title, first.story) == ("Chapter 1: a story", "It goes like this.")
    assert [place for place, _ in first.chapters] == [1, 3]
    assert (first.outcome, first.checks, first.duration) == ("failed", 2, 3.0)
    assert (second.title, second.story, second.outcome) == ("B side", "", "skipped")


def test_a_part_passes_when_one_scenario_did_and_none_failed() -> None:
    (part,) = parts([_chapter("a.py::one"), _chapter("a.py::two", "skipped")])
    assert part.outcome == "passed"


def test_what_failed_is_open_and_what_passed_is_closed() -> None:
    chapters = [_chapter("a.py::one[W]"), _chapter("a.py::two", "failed")]
    text = report.render(sample.told(sample.played(), chapters))
    assert '<details class="chapter passed" id="chapter-1">' in text
    assert '<details class="chapter failed" id="chapter-2" open>' in text
    assert "<code>W</code>" in text
