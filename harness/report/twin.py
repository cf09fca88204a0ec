"""The page's JSON twin: what the page concludes, for machines. The evidence itself is in ``evidence.json``."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.report.summary import Summary
    from harness.verify.graph import Explanation

SCHEMA = "pachyderm-harness/report"
VERSION = 1


def text(summary: Summary) -> str:
    """The twin as JSON text; equal records give equal bytes."""
    record = summary.record
    data = {
        "schema": SCHEMA,
        "version": VERSION,
        "run": record.run.id,
        "record_hash": record.hash,
        "outcome": summary.outcome,
        "headline": summary.headline,
        "checks": {"total": summary.checks, "failed": summary.failed_checks},
        "chapters": [
            {
                "nodeid": chapter.nodeid,
                "outcome": chapter.outcome,
                "failed_checks": [check.name for check in chapter.checks if not check.passed],
            }
            for chapter in record.chapters
        ],
        "verdicts": [{**asdict(verdict), "state": verdict.state} for verdict in summary.verdicts],
        "results": [_result(explanation) for explanation in summary.explanations],
    }
    return json.dumps(data, sort_keys=True, indent=1) + "\n"


def _result(explanation: Explanation) -> dict[str, Any]:
    return {
        "commit": explanation.commit.ref,
        "data": [commit.ref for commit in explanation.data],
        "results": [commit.ref for commit in explanation.results],
        "code": [
            {
                "pipeline": version.ref,
                "version": version.version,
                "spec_commit": version.spec_commit,
                "image": version.image,
                "image_digest": version.image_digest,
            }
            for version in explanation.code
        ],
        "missing": list(explanation.missing),
    }
