"""Datum batching: a command that stays alive from task to task and asks for each."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import grpc
import pytest
from google.protobuf import empty_pb2
from python_pachyderm.proto.v2.worker import worker_pb2_grpc

from harness.pachd.workers.contract import Command, Outcome

if TYPE_CHECKING:
    from harness.pachd.workers.worker import ProcessWorker
    from tests.pachd.workers.worker_lab import Lab

DEADLINE = 30  # seconds after which a test that waits gives up
NEXT = 'echo start; while pachctl next datum --error="$error"; do . "${PFS_ROOT:-/pfs}/.env"; %s; done; echo over'


class Batch:
    """Tasks of one batch on one worker; the script is a loop around what is to be done for each."""

    def __init__(self, lab: Lab, do: str) -> None:
        self.lab = lab
        self.worker: ProcessWorker = lab.worker()
        self.script = NEXT % do

    def run(self, name: str, batch: str = "batch", **settings: object) -> Outcome:
        wanted = self.lab.input("in", {name: name.encode()})
        env = {"DATUM": name}
        return self.lab.run(self.script, wanted, worker=self.worker, batch=batch, env=env, **settings)


def test_one_process_sees_one_datum_after_another(lab: Lab) -> None:
    batch = Batch(lab, 'cp "${PFS_ROOT:-/pfs}/in/"* "${PFS_ROOT:-/pfs}/out"; ls "${PFS_ROOT:-/pfs}/in"; echo $DATUM')
    outputs = [lab.outputs(batch.run(name)) for name in "abc"]
    assert outputs == [{"/a": b"a"}, {"/b": b"b"}, {"/c": b"c"}]
    assert lab.lines == ["start", "a", "a", "b", "b", "c", "c"]
    batch.worker.end_batch()
    assert lab.run("echo other", worker=batch.worker).error == ""
    batch.run("d")
    assert lab.lines[7:] == ["other", "start", "d", "d"]


def test_another_batch_gets_another_process(lab: Lab) -> None:
    batch = Batch(lab, "true")
    for name in ("one", "one", "two"):
        assert batch.run("a", name).error == ""
    assert lab.lines == ["start", "start"]


def test_an_error_fails_the_datum_and_the_process_is_started_again(lab: Lab) -> None:
    batch = Batch(lab, 'error=""; test $DATUM = b && error="no b"')
    recover = Command(("sh", "-c", "echo recovering $DATUM"))
    outcomes = [batch.run(name, error_command=recover) for name in "abc"]
    assert [(outcome.error, outcome.recovered) for outcome in outcomes] == [("", False), ("no b", True), ("", False)]
    assert lab.lines == ["start", "recovering b", "start"]


@pytest.mark.parametrize(
    ("how", "told"), [("exit 0", ""), ("exit 3", ": exit status 3"), ("kill -9 $$", ": signal: killed")]
)
def test_a_process_may_not_end_by_itself(lab: Lab, how: str, told: str) -> None:
    batch = Batch(lab, how)
    outcomes = [batch.run(name, accept=frozenset({3})) for name in "ab"]
    assert [outcome.error for outcome in outcomes] == [
        "error running user code: user code exited prematurely" + told
    ] * 2


def test_a_process_that_cannot_start_or_never_asks(lab: Lab) -> None:
    worker = lab.worker()
    assert lab.run("true", worker=worker, batch="b").error.endswith("user code exited prematurely")
    early = lab.run("exec no-such-command", worker=worker, batch="b")
    assert early.error.endswith("user code exited prematurely: exit status 127")


def test_time_counts_from_the_datum_on(lab: Lab) -> None:
    batch = Batch(lab, "sleep 1000")
    batch.script = "sleep 1; " + batch.script
    outcome = batch.run("a", timeout=0.2)
    assert outcome.error == "context deadline exceeded"
    assert outcome.process_seconds > 1.2


def test_cancelling_ends_the_process(lab: Lab) -> None:
    batch = Batch(lab, "test $DATUM = a || { echo up; sleep 1000; }")
    batch.run("a")
    outcomes: list[Outcome] = []
    thread = threading.Thread(target=lambda: outcomes.append(batch.run("b")))
    up = threading.Event()
    lab.told = lambda line: up.set() if line == "up" else None
    thread.start()
    assert up.wait(DEADLINE)
    batch.worker.cancel()
    thread.join(DEADLINE)
    assert [outcome.cancelled for outcome in outcomes] == [True]
    assert batch.run("a").error == ""
    assert lab.lines == ["start", "up", "start"]


def test_closing_the_worker_under_a_batch(lab: Lab) -> None:
    batch = Batch(lab, "true")
    batch.run("a")
    batch.worker.close()
    assert lab.worker_folders() == []


def test_our_pachctl_hands_on_to_a_real_one(lab: Lab) -> None:
    real = lab.folder.parent / "real"
    real.mkdir()
    (real / "pachctl").write_text("#!/bin/sh\necho real $@\n")
    (real / "pachctl").chmod(0o755)
    lab.run("pachctl version; echo $?; pachctl next datum; pachctl next datum --wrong")
    assert lab.run(f"PATH=${{PATH##*:}}:'{real}':$PATH; pachctl list repo").error == ""
    told = "pachctl: there is no real pachctl on PATH, and this one, of the embedded cluster, only knows its part of "
    usage = "usage: pachctl next datum [--error MESSAGE]"
    assert lab.lines == [told + "datum batching", usage, "1", "datum batching not enabled", usage, "real list repo"]


def test_the_worker_tells_its_status(lab: Lab) -> None:
    status: list[tuple[str, str]] = []

    def look(line: str) -> None:
        if line.startswith("port "):
            with grpc.insecure_channel(f"127.0.0.1:{line.split()[1]}") as channel:
                told = worker_pb2_grpc.WorkerStub(channel).Status(empty_pb2.Empty())
            status.append((told.worker_id, told.job_id))

    lab.told = look
    batch = Batch(lab, "echo port $PPS_WORKER_GRPC_PORT")
    batch.run("a")
    assert status == [(batch.worker.name, "")]
