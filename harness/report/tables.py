"""Predictions of two commits side by side, as tables that pandas writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from harness.report.wording import NOTHING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.evidence.model import Prediction, PredictionTable

MOST_ROWS = 500


def predictions(table: PredictionTable) -> Markup:
    """The first rows of a table in HTML: how positive each review was called before and after, and what changed.

    pandas takes half a second to import, so it is imported when a table is really wanted.
    """
    import pandas as pd

    shown = table.rows[:MOST_ROWS]
    frame = pd.DataFrame([_row(item) for item in shown], columns=["Review", "Before", "After", "Points", "Called"])
    classes = pd.DataFrame([_classes(item) for item in shown], columns=frame.columns)
    styler = frame.style.hide(axis="index").format(escape="html", na_rep=NOTHING)
    styler = styler.set_table_attributes('class="predictions"').set_td_classes(classes)
    styler.cell_ids = False
    html: str = styler.to_html(table_uuid="predictions", caption=None, doctype_html=False)
    return Markup(html[html.index("<table") :].replace(' id="T_predictions"', ""))  # noqa: S704 -- Styler escapes cells


def changed(rows: Sequence[Prediction]) -> int:
    """How many reviews are predicted otherwise than before, by whatever amount."""
    return sum(row.before != row.after for row in rows)


def _row(item: Prediction) -> list[Any]:
    before, after = (_percent(values) for values in (item.before, item.after))
    return [item.review, before, after, _change(item), _called(item)]


def _classes(item: Prediction) -> list[str]:
    bars = [f"bar p{round(values[1] * 100)}" if values else "none" for values in (item.before, item.after)]
    change = "same" if item.before == item.after else "moved"
    return ["review", *bars, f"number {change}", "flipped" if "→" in _called(item) else "called"]


def _percent(values: tuple[float, ...] | None) -> str | None:
    return f"{values[1]:.1%}" if values else None


def _change(item: Prediction) -> str | None:
    if not (item.before and item.after):
        return None
    points = (item.after[1] - item.before[1]) * 100
    return "same" if item.before == item.after else f"{points:+.1f}".replace("-", "\N{MINUS SIGN}")


def _called(item: Prediction) -> str:
    names = ["positive" if values[1] > values[0] else "negative" for values in (item.before, item.after) if values]
    if len(names) < 2:
        return f"{names[0]}, {'new' if item.after else 'gone'}" if names else NOTHING
    return names[0] if names[0] == names[1] else f"{names[0]} → {names[1]}"
