"""Words, colours and lines of the report."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from markupsafe import Markup

from harness import report
from harness.report import lanes, routes, sample, timeline, wording

STYLE = (Path(report.__file__).parent / "templates" / "style.css").read_text()


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (21_538_000, "20.5 MiB"),
        (2**40, "1.0 TiB"),
        (2**60, "1048576.0 TiB"),
    ],
)
def test_sizes(count: int, text: str) -> None:
    assert wording.size(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, wording.NOTHING), (0.012, "12 ms"), (3.44, "3.4 s"), (125, "2 min 5 s"), (7260, "2 h 1 min")],
)
def test_durations(seconds: float | None, text: str) -> None:
    assert wording.seconds(seconds) == text


def test_backquotes_are_code_and_all_else_is_text() -> None:
    text = wording.prose("Use `<b>` and ``x``, 3 < 4.")
    assert text == Markup("Use <code>&lt;b&gt;</code> and <code>x</code>, 3 &lt; 4.")


def test_anchors_differ_where_names_do() -> None:
    assert wording.anchor("default/model.spec@1f") == "commit-model.spec-1f"
    assert wording.anchor("other/model@1f") == "commit-other-model-1f"


def test_lanes_lie_below_what_flows_into_them() -> None:
    (picture,) = lanes.pictures(sample.record())
    assert [label for label, _, _ in picture.lanes] == [
        "training",
        "model.spec",
        "model",
        "reviews",
        "inference.spec",
        "inference",
    ]
    assert [event for event, _, _ in picture.columns] == [
        "put training",
        "create model",
        "put reviews",
        "create inference",
        "update model",
        "put training",
        "put reviews",
    ]


def test_every_use_is_a_line_and_every_commit_a_node() -> None:
    record = sample.record()
    (picture,) = lanes.pictures(record)
    shown = [commit for commit in record.commits if ".meta@" not in commit.ref]
    assert {node.ref for node in picture.nodes} == {commit.ref for commit in shown}
    assert len({(node.x, node.y) for node in picture.nodes}) == len(shown)
    assert len(picture.lines) == sum(len(commit.direct_provenance) for commit in shown)


def test_stories_that_do_not_touch_are_pictures_of_their_own() -> None:
    record = sample.record()
    other = [commit for commit in record.commits if commit.repo == "default/model" or "training" in commit.repo]
    renamed = [
        type(commit)(
            **{
                **vars(commit),
                "repo": commit.repo + "-2",
                "direct_provenance": tuple(
                    ref.replace("@", "-2@") for ref in commit.direct_provenance if "training" in ref
                ),
            }
        )
        for commit in other
    ]
    pictures = lanes.pictures(type(record)(**{**vars(record), "commits": (*record.commits, *renamed)}))
    assert [len(picture.lanes) for picture in pictures] == [6, 2]


def test_a_line_goes_around_a_commit_between() -> None:
    grid = routes.Grid({"a": 0, "b": 1, "c": 2}, {"1": 0})
    taken = {"a@1", "b@1", "c@1"}
    straight = routes.routes(grid, taken - {"b@1"}, "c@1", ["a@1"])["a@1"]
    around = routes.routes(grid, taken, "c@1", ["a@1"])["a@1"]
    assert "Q" not in straight
    right_edge = grid.column("1") + routes.WIDTH // 2
    assert max(int(number) for number in re.findall(r"[HQ](\d+)", around)) > right_edge


def test_lines_to_one_commit_do_not_share_their_drop() -> None:
    (picture,) = lanes.pictures(sample.record())
    grid = routes.Grid({"a": 0, "b": 1, "c": 2}, {"1": 0, "2": 1})
    paths = routes.routes(grid, {"a@1", "b@1", "c@2"}, "c@2", ["a@1", "b@1"])
    assert len({path.split("Q")[1].split()[0] for path in paths.values()}) == 2
    assert picture.width > 0


def test_bars_lie_in_the_axis_and_in_the_order_of_time() -> None:
    record = sample.record()
    picture = timeline.timeline(record.jobs)
    assert picture is not None
    assert [bar.job for bar in picture.bars] == list(record.jobs)
    assert all(
        picture.labels <= bar.x <= bar.ran <= bar.ran + bar.width <= picture.labels + timeline.AXIS
        for bar in picture.bars
    )
    assert timeline.timeline(()) is None


def test_the_names_of_bars_have_room_however_long_they_are() -> None:
    jobs = sample.record().jobs
    long = replace(jobs[0], output_commit=f"some-project/{'n' * 60}@{jobs[0].id}")
    short, wide = timeline.timeline(jobs), timeline.timeline((*jobs, long))
    assert short is not None
    assert wide is not None
    assert wide.labels - short.labels > 250
    assert wide.width - wide.labels == short.width - short.labels
    assert wide.ticks[0][0] == wide.labels


def _colours(scheme: str) -> dict[str, str]:
    light, dark = STYLE.split("@media (prefers-color-scheme: dark)")
    text = light if scheme == "light" else dark[: dark.index("* { box-sizing")]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", text))


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        *((ink, paper) for ink in ("ink", "quiet") for paper in ("bg", "card", "soft")),
        *((ink, "card") for ink in ("link", "passed", "failed", "warned", "data", "code", "result")),
        *((ink, f"{ink}-bg") for ink in ("passed", "failed", "warned", "data", "code", "result")),
        ("ink", "bar"),
        ("quiet", "failed-bg"),
        ("quiet", "passed-bg"),
    ],
)
def test_texts_have_the_contrast_that_wcag_aa_asks_for(scheme: str, ink: str, paper: str) -> None:
    colours = _colours(scheme)
    first, second = sorted((_luminance(colours[ink]), _luminance(colours[paper])))
    assert (second + 0.05) / (first + 0.05) >= 4.5
