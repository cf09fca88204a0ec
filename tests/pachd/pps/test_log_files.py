"""The files that keep what jobs and user code say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.pps.keys import Pipeline
from harness.pachd.pps.logs import Logs
from harness.pachd.store.events import Events

if TYPE_CHECKING:
    from pathlib import Path

PIPELINE = Pipeline("default", "p")


def say(logs: Logs, message: str) -> None:
    log = logs.of_workers(PIPELINE)
    log.worker("w", message)
    log.close()


def test_a_line_that_was_cut_off_costs_no_other_line(tmp_path: Path) -> None:
    logs = Logs(tmp_path, Events())
    for message in ("first", "cut off"):
        say(logs, message)
    (path,) = logs.files(PIPELINE, None)
    path.write_bytes(path.read_bytes()[:-10])
    say(logs, "last")
    assert [line.message for batch in logs.batches(PIPELINE, None) for line in batch] == ["first", "last"]
