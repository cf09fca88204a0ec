"""A pipeline does as little as it can."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from harness.specs import load_one

if TYPE_CHECKING:
    from harness.evidence.ledger import ChapterLedger
    from harness.workflow import Workflow

SPEC = load_one(Path(__file__).with_name("pipeline.yaml"))


def test_only_what_changed_is_worked_on(workflow: Workflow, checks: ChapterLedger) -> None:
    """Counts are those of Pachyderm: datums processed + skipped / in all."""
    workflow.create_repo("texts")
    workflow.put("texts", {"/one": b"a", "/two": b"bb"})
    first = workflow.start(SPEC)
    checks.equal("both are new", first.counts, {"lengths": "2+0/2"})

    added = workflow.wait(workflow.put("texts", {"/three": b"ccc"}))
    checks.equal("one is new", added.counts, {"lengths": "1+2/3"})

    changed = workflow.wait(workflow.put("texts", {"/two": b"BBBB"}))
    checks.equal("one has changed", changed.counts, {"lengths": "1+2/3"})

    deleted = workflow.wait(workflow.delete("texts", "/one"))
    checks.equal("nothing to do", deleted.counts, {"lengths": "0+2/2"})
    checks.equal("what is left", workflow.files("lengths", deleted.id), {"/three": b"3\n", "/two": b"4\n"})
