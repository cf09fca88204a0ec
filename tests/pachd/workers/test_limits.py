"""What a command may take: memory, processes, room for what it prints. Whatever it does, it can be stopped."""

from __future__ import annotations

import os
import re
import sys
import uuid
from typing import TYPE_CHECKING

import pytest

from harness.pachd.workers.child.lines import LONGEST
from harness.pachd.workers.contract import Command
from tests.pachd.workers.test_worker_ends import marked

if TYPE_CHECKING:
    from tests.pachd.workers.worker_lab import Lab

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")

MEBIBYTE = 1 << 20
LIMIT = (64 * MEBIBYTE, "64Mi")
PYTHON = f"{sys.executable} -ISc"
# Says how much it has and goes on for ever.
HOLD = f'{PYTHON} "held = bytearray({{0}} << 20); print(len(held) >> 20, flush=True); import time; time.sleep(1000)"'


def test_a_command_that_takes_too_much_memory_is_stopped_and_told_why(lab: Lab) -> None:
    outcome = lab.run(HOLD.format(100), memory=LIMIT, error_command=Command(("sh", "-c", "echo recovering")))
    assert re.fullmatch(
        r"signal: killed: the command and its children held [\d.]+ MiB of memory, more than resource_limits.memory, "
        "which is 64Mi; raise it, or have the command use less",
        outcome.error,
    )
    assert outcome.recovered
    assert lab.lines[-1] == "recovering"


def test_memory_of_children_counts_in_whatever_session_they_are(lab: Lab) -> None:
    mark = uuid.uuid4().hex
    hold = HOLD.format(40)
    outcome = lab.run(f"setsid {hold} & {hold} & sleep 1000", memory=LIMIT, env={"MARK": mark})
    assert "resource_limits.memory" in outcome.error
    assert marked(mark) == []


def test_memory_that_processes_share_counts_once(lab: Lab) -> None:
    fork = "import os, time; held = bytearray(40 << 20); [os.fork() or os._exit(time.sleep(0.3) or 0) for _ in 'abc']"
    outcome = lab.run(f'{PYTHON} "{fork}; [os.wait() for _ in range(3)]"', memory=LIMIT)
    assert outcome.error == ""


def test_a_command_within_its_limit_runs_as_without_one(lab: Lab) -> None:
    assert lab.run(f'{PYTHON} "bytearray(20 << 20)"', memory=LIMIT).error == ""


def test_a_program_that_forks_for_ever_is_stopped(lab: Lab) -> None:
    """Each process of it starts the next one in a session of its own and ends."""
    mark = uuid.uuid4().hex
    hop = "import os; fd = 0\nwhile True:\n  if os.fork(): os._exit(0)\n  os.setsid()"
    outcome = lab.run(f"{PYTHON} '{hop}' & {PYTHON} '{hop}' & sleep 1000", timeout=1, env={"MARK": mark})
    assert (outcome.error, marked(mark)) == ("context deadline exceeded", [])


def test_lines_without_end_come_in_pieces(lab: Lab) -> None:
    size = 8 * MEBIBYTE
    assert lab.run(f"head -c {size} /dev/zero | tr '\\0' x; echo; echo end").error == ""
    assert sum(map(len, lab.lines[:-1])) == size
    assert max(map(len, lab.lines)) <= LONGEST
    assert lab.lines[-1] == "end"


def test_very_deep_folders_are_stored_and_removed(lab: Lab) -> None:
    worker = lab.worker()
    path = "/".join(["d"] * 1200)
    outcome = lab.run(f"mkdir -p /pfs/out/{path}; echo deep > /pfs/out/{path}/file", worker=worker)
    assert lab.outputs(outcome) == {f"/{path}/file": b"deep\n"}
    assert lab.run("true", worker=worker).error == ""
    worker.close()
    assert lab.worker_folders() == []


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user")
@pytest.mark.parametrize("user", ["nobody", "65534", "nobody:daemon", "65534:1"])
def test_users_by_name_and_number(lab: Lab, user: str) -> None:
    if lab.runtime.isolation != "namespaces":
        pytest.skip("the user cannot reach a folder in this user's own temporary directory")
    outcome = lab.run("echo $(id -u) $(id -g); touch /pfs/out/mine", user=user)
    assert outcome.error == ""
    assert lab.lines == ["65534 1" if ":" in user else "65534 65534"]


@pytest.mark.parametrize(
    ("user", "error"),
    [
        *(
            (user, f"user {user} not found")
            for user in ("none", "no-such-user", "1234567", "²", str(2**31 - 9), str(2**80))
        ),
        *((f"root:{group}", f"group {group} not found") for group in ("none", "²")),
    ],
)
def test_users_that_are_not_there(lab: Lab, user: str, error: str) -> None:
    assert lab.run("true", user=user).error == error
