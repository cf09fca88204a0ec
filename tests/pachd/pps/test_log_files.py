"""The files that keep what jobs and user code say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.pachd.pps.keys import Job, Pipeline
from harness.pachd.pps.log_segments import SEGMENT_BYTES, SEGMENTS
from harness.pachd.pps.log_writing import LONGEST_MESSAGE
from harness.pachd.pps.logs import Logs
from harness.pachd.store.events import Events

if TYPE_CHECKING:
    from pathlib import Path

PIPELINE = Pipeline("default", "p")
LONG = "x" * LONGEST_MESSAGE
# As many of them as fill a log, and a little more than one segment's.
TOO_MANY = (SEGMENTS * SEGMENT_BYTES + SEGMENT_BYTES) // LONGEST_MESSAGE + SEGMENTS


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    return Logs(tmp_path, Events())


def say(logs: Logs, *messages: str) -> None:
    log = logs.of_workers(PIPELINE)
    for message in messages:
        log.worker("w", message)
    log.close()


def told(logs: Logs) -> list[str]:
    return [line.message for line in logs.reader(PIPELINE, None).more()]


def stored(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


def test_a_line_that_was_cut_off_costs_no_other_line(logs: Logs, tmp_path: Path) -> None:
    for message in ("first", "cut off"):
        say(logs, message)
    (path,) = stored(tmp_path)
    path.write_bytes(path.read_bytes()[:-10])
    say(logs, "last")
    assert told(logs) == ["first", "last"]


def test_the_newest_lines_of_a_long_log_are_kept(logs: Logs, tmp_path: Path) -> None:
    numbers = [f"{number} {LONG}"[:LONGEST_MESSAGE] for number in range(TOO_MANY)]
    say(logs, *numbers[: TOO_MANY // 2])
    say(logs, *numbers[TOO_MANY // 2 :])  # as after a restart
    notice, *kept = told(logs)
    assert kept == numbers[TOO_MANY - len(kept) :]
    assert notice.startswith(f"{TOO_MANY - len(kept)} older lines are not kept any more")
    size = sum(path.stat().st_size for path in stored(tmp_path))
    assert (SEGMENTS - 1) * SEGMENT_BYTES < size < (SEGMENTS + 1) * SEGMENT_BYTES


def test_who_follows_misses_nothing_but_what_went_before_it_was_read(logs: Logs) -> None:
    reader = logs.reader(PIPELINE, None)
    log = logs.of_workers(PIPELINE)
    seen = []
    for number in range(2 * SEGMENT_BYTES // LONGEST_MESSAGE):
        log.worker("w", f"{number} {LONG}")
        seen += [line.message.partition(" ")[0] for line in reader.more()]
    assert seen == [str(number) for number in range(len(seen))]
    assert not reader.behind()
    for _ in range(TOO_MANY):
        log.worker("w", LONG)
    assert reader.behind()
    notice, *rest = reader.more()
    assert notice.message.startswith(f"{TOO_MANY - len(rest)} older lines are not kept")
    assert not reader.behind()
    log.close()


def test_a_message_is_bounded_and_can_be_printed(logs: Logs) -> None:
    say(logs, LONG + "y", "a\ud800b\x00c\nd")
    assert told(logs) == [LONG, "a?b\x00c\nd"]


def test_what_is_deleted_stays_so_while_somebody_still_writes(logs: Logs, tmp_path: Path) -> None:
    log = logs.of_workers(PIPELINE)
    log.worker("w", "before")
    logs.delete(PIPELINE)
    log.worker("w", "after")
    assert stored(tmp_path) == []
    say(logs, "of a pipeline of the same name")
    assert told(logs) == ["of a pipeline of the same name"]


def test_what_a_crash_left_behind_is_deleted(logs: Logs, tmp_path: Path) -> None:
    say(logs, "one")
    logs.keep_only({PIPELINE}, {Job(PIPELINE, "ab")})
    assert told(logs) == ["one"]
    logs.keep_only(set(), set())
    assert stored(tmp_path) == []
