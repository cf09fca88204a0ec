"""The page: a record as one self-contained HTML file that needs no network, no server and no JavaScript."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.evidence import moments, refs
from harness.report import routes, tables, wording
from harness.report.lanes import kind, pictures
from harness.report.parts import parts
from harness.report.timeline import timeline

if TYPE_CHECKING:
    from harness.report.summary import Summary

MOST_ROWS = 500
_TEMPLATES = Path(__file__).with_name("templates")


def html(summary: Summary) -> str:
    """The page's text; equal records give equal bytes."""
    record = summary.record
    results = {version.ref for version in record.pipelines}
    types = {commit.ref: refs.parse(commit.ref).type for commit in record.commits}
    return (
        _environment()
        .get_template("page.html")
        .render(
            summary=summary,
            record=record,
            run=record.run,
            duration=moments.between(record.run.started, record.run.finished),
            parts=parts(record.chapters),
            pictures=pictures(record),
            timeline=timeline(record.jobs),
            tables=[(table, tables.predictions(table), tables.changed(table.rows)) for table in record.predictions],
            jobs={job.output_commit: job for job in record.jobs},
            stale={
                problem.where for verdict in summary.verdicts for problem in verdict.problems if problem.kind == "stale"
            },
            linked={commit.ref for commit in record.commits[-MOST_ROWS:]},
            kinds={
                commit.ref: "meta" if types[commit.ref] == "meta" else kind(commit, results)
                for commit in record.commits
            },
            types=types,
            style=Markup((_TEMPLATES / "style.css").read_text("utf-8")),  # noqa: S704 -- our own file
            most=MOST_ROWS,
            most_predictions=tables.MOST_ROWS,
            node=routes,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Any] = {
        name: getattr(wording, name)
        for name in (
            "short",
            "repo",
            "anchor",
            "job_anchor",
            "size",
            "seconds",
            "when",
            "clock",
            "took",
            "count",
            "pretty",
            "prose",
            "case",
        )
    }
    environment.tests["spec"] = lambda ref: refs.parse(ref).type == "spec"
    environment.filters |= {**filters, "worded": wording.value}
    return environment
