"""Judging evidence. Every judgement is a pure function of a record and works years later without a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.verify import jobs, outcomes, provenance
from harness.verify.graph import Graph

if TYPE_CHECKING:
    from harness.evidence.model import Record
    from harness.verify.verdicts import Verdict


def judge(record: Record) -> tuple[Verdict, ...]:
    """Every verdict about ``record``."""
    graph = Graph(record)
    return (*outcomes.verdicts(record, graph), *provenance.verdicts(graph), *jobs.verdicts(record, graph))
