"""How commands are started, fed, listened to and stopped."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from harness.pachd.workers.contract import Command, Input, Outcome, Task
from harness.pachd.workers.process import NAMESPACES

if TYPE_CHECKING:
    from tests.pachd.workers.worker_lab import Lab

DEADLINE = 30  # seconds after which a test that waits gives up


def test_standard_input_environment_and_env_file(lab: Lab) -> None:
    outcome = lab.run(
        "cat; echo $NAME; grep NAME= /pfs/.env; dirname $FILE/x; test -d $FILE && echo there",
        lab.input("in", {"x": b""}),
        stdin=b"one\ntwo\n",
        env={"NAME": "a value", "FILE": "/pfs/in"},
    )
    assert outcome.error == ""
    *fed, name, line, folder, there = lab.lines
    assert (fed, name, line, there) == (["one", "two"], "a value", "NAME=a value", "there")
    assert folder.endswith("/pfs/in")


def test_a_command_need_not_read_its_input(lab: Lab) -> None:
    assert lab.run("exec <&-; true", stdin=b"x" * 300_000).error == ""
    lab.run("wc -c", stdin=b"x" * 300_000)
    assert [line.strip() for line in lab.lines] == ["300000"]


@pytest.mark.parametrize(
    ("argv", "error"),
    [
        (("true",), ""),
        (("sh", "-c", "exit 3"), "exit status 3"),
        (("sh", "-c", "kill -9 $$"), "signal: killed"),
        (("sh", "-c", "kill -TERM $$"), "signal: terminated"),
        (("no-such-command",), 'exec: "no-such-command": executable file not found in $PATH'),
        (("/no/such/command",), "fork/exec /no/such/command: no such file or directory"),
        (("/etc",), "fork/exec /etc: permission denied"),
    ],
)
def test_errors_are_worded_as_go_does(lab: Lab, argv: tuple[str, ...], error: str) -> None:
    assert lab.worker().run(Task("datum", (), Command(argv)), lab.lines.append).error == error


def test_a_working_directory_that_is_not_there(lab: Lab) -> None:
    assert lab.run("true", working_dir="/not/there").error == "chdir /not/there: no such file or directory"


def test_accepted_exit_codes_are_successes(lab: Lab) -> None:
    assert lab.run("exit 7", accept=frozenset({7})).error == ""
    assert lab.run("exit 8", accept=frozenset({7})).error == "exit status 8"


def test_error_command_sees_what_the_command_left(lab: Lab) -> None:
    recover = Command(("sh", "-c", "cat; cat /pfs/out/started"), b"recovering\n")
    outcome = lab.run("echo half > /pfs/out/started; exit 2", error_command=recover)
    assert (outcome.error, outcome.recovered) == ("exit status 2", True)
    assert lab.lines == ["recovering", "half"]


def test_error_command_may_fail_too_and_runs_only_after_failures(lab: Lab) -> None:
    failing = lab.run("exit 2", error_command=Command(("false",)))
    fine = lab.run("true", error_command=Command(("sh", "-c", "echo unexpected")))
    assert [(outcome.error, outcome.recovered) for outcome in (failing, fine)] == [
        ("exit status 2", False),
        ("", False),
    ]
    assert lab.lines == []


def test_timeout_bounds_command_and_error_command(lab: Lab) -> None:
    outcome = lab.run("sleep 1000", timeout=0.1, error_command=Command(("true",)))
    assert (outcome.error, outcome.recovered, outcome.cancelled) == ("context deadline exceeded", False, False)


def test_cancel_stops_the_running_task_and_no_other(lab: Lab) -> None:
    worker = lab.worker()
    worker.cancel()
    started = threading.Event()
    outcomes: list[Outcome] = []
    task = Task("datum", (), Command(("sh", "-c", "echo up; sleep 1000")))
    thread = threading.Thread(target=lambda: outcomes.append(worker.run(task, lambda _line: started.set())))
    thread.start()
    assert started.wait(DEADLINE)
    worker.cancel()
    thread.join(DEADLINE)
    assert [(outcome.error, outcome.cancelled) for outcome in outcomes] == [("context canceled", True)]
    worker.cancel()
    after = lab.run("echo fine", worker=worker)
    assert (after.error, after.cancelled, lab.lines) == ("", False, ["fine"])


def test_cancel_while_inputs_are_written(lab: Lab) -> None:
    worker = lab.worker()
    wanted = lab.input("in", {"x": b"x"})

    def files() -> list[tuple[str, bytes]]:
        worker.cancel()
        return list(wanted.files())

    outcome = lab.run("echo never", Input(wanted.name, wanted.key, files), worker=worker)
    assert (outcome.cancelled, lab.lines) == (True, [])


def test_a_task_whose_lines_cannot_be_taken_is_stopped(lab: Lab) -> None:
    worker = lab.worker()

    def fail(line: str) -> None:
        raise RuntimeError(line)

    with pytest.raises(RuntimeError, match="up"):
        worker.run(Task("datum", (), Command(("sh", "-c", "echo up; sleep 1000"))), fail)
    assert lab.run("echo next", worker=worker).error == ""
    assert lab.lines == ["next"]


def test_lines_of_both_streams(lab: Lab) -> None:
    lab.run(r"printf 'one\r\ntwo\n\nlast'; printf 'bad \377 byte\n' >&2; printf 'héhé' >&2")
    assert sorted(lab.lines) == sorted(["one", "two", "", "last", "bad \ufffd byte", "héhé"])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_task_can_run_as_another_user(lab: Lab) -> None:
    if lab.runtime.isolation != NAMESPACES:
        pytest.skip("the user cannot reach a folder in this user's own temporary directory")
    outcome = lab.run(
        "id -un; cat /pfs/in/x; echo y > /pfs/in/y; echo z > /pfs/out/z", lab.input("in", {"x": b"x"}), user="nobody"
    )
    assert (lab.outputs(outcome), lab.lines) == ({"/z": b"z\n"}, ["nobody", "x"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root can become anybody")
def test_an_ordinary_user_stays_who_he_is(lab: Lab) -> None:
    assert lab.run("true", user=str(os.geteuid())).error == ""
    assert "cannot run as user root" in lab.run("true", user="root").error
    lab.run("id -u")
    assert lab.lines == [str(os.geteuid())]
