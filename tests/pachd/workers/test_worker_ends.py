"""However a command, a worker or the server ends, no process, mount or file of it stays."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.pachd.workers.contract import Command, Task, WorkerLost
from harness.pachd.workers.images import ImageLibrary
from harness.pachd.workers.process import NAMESPACES, REWRITTEN, ProcessRuntime

if TYPE_CHECKING:
    from tests.pachd.workers.worker_lab import Lab

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")

DEADLINE = 30  # seconds after which a test that waits gives up
DAEMON = "setsid sh -c 'setsid sleep 1000 & sleep 1000' & sleep 1000 & "


def marked(mark: str) -> list[int]:
    """The processes, other than zombies, that have ``MARK=<mark>`` in their environment."""
    return [int(process.name) for process in Path("/proc").glob("[0-9]*") if f"MARK={mark}" in environment(process)]


def environment(process: Path) -> list[str]:
    try:
        return (process / "environ").read_text("utf-8", "replace").split("\0")
    except OSError:  # another user's, or ended meanwhile
        return []


def mounts() -> list[str]:
    return sorted(line.split(" ", 6)[4] for line in Path("/proc/self/mountinfo").read_text().splitlines())


def await_end(pid: int) -> None:
    """Wait until a process, which need not be a child of ours, has ended."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([process], [], [], DEADLINE)[0], f"process {pid} does not end"
    finally:
        os.close(process)


@pytest.fixture
def mark() -> str:
    return uuid.uuid4().hex


class Running:
    """A task that has printed its first line and goes on for ever, in a thread."""

    def __init__(self, lab: Lab, script: str, mark: str) -> None:
        self.worker = lab.worker()
        self.lost: list[WorkerLost] = []
        self._up = threading.Event()
        task = Task("datum", (), Command(("sh", "-c", f"{script} echo up; sleep 1000")), env={"MARK": mark})
        self._thread = threading.Thread(target=self._run, args=(task,))
        self._thread.start()
        assert self._up.wait(DEADLINE)

    def _run(self, task: Task) -> None:
        try:
            self.worker.run(task, lambda _line: self._up.set())
        except WorkerLost as lost:
            self.lost.append(lost)

    def end(self) -> None:
        self._thread.join(DEADLINE)
        assert not self._thread.is_alive()


def test_background_children_end_with_the_command(lab: Lab, mark: str) -> None:
    before = mounts()
    outcome = lab.run(DAEMON + "true", env={"MARK": mark})
    assert (outcome.error, marked(mark), mounts()) == ("", [], before)


def test_background_children_end_at_the_deadline(lab: Lab, mark: str) -> None:
    outcome = lab.run(DAEMON + "sleep 1000", env={"MARK": mark}, timeout=0.2)
    assert (outcome.error, marked(mark)) == ("context deadline exceeded", [])


def test_cancelling_ends_background_children(lab: Lab, mark: str) -> None:
    running = Running(lab, DAEMON, mark)
    assert marked(mark)
    running.worker.cancel()
    running.end()
    assert (marked(mark), running.lost) == ([], [])


def test_closing_a_worker_under_a_task(lab: Lab, mark: str) -> None:
    running = Running(lab, DAEMON, mark)
    running.worker.close()
    running.end()
    assert (len(running.lost), marked(mark)) == (1, [])
    assert lab.worker_folders() == []
    running.worker.close()
    with pytest.raises(WorkerLost, match=running.worker.name):
        lab.run("true", worker=running.worker)


def test_a_killed_worker_is_lost_and_leaves_nothing(lab: Lab, mark: str) -> None:
    running = Running(lab, DAEMON, mark)
    inner = int(Path(f"/proc/{running.worker.pid}/task/{running.worker.pid}/children").read_text())
    os.kill(inner, signal.SIGKILL)
    running.end()
    assert [str(lost) for lost in running.lost] == [f"worker {running.worker.name} (process {running.worker.pid}) died"]
    running.worker.close()
    assert (marked(mark), lab.worker_folders()) == ([], [])


def test_a_killed_guard_takes_the_worker_along(lab: Lab, mark: str) -> None:
    running = Running(lab, DAEMON, mark)
    os.kill(running.worker.pid, signal.SIGKILL)
    running.end()
    assert len(running.lost) == 1
    running.worker.close()
    for process in marked(mark):  # the kernel is ending them
        await_end(process)
    assert (marked(mark), lab.worker_folders()) == ([], [])


SERVER = """
import sys
from pathlib import Path
from harness.pachd.store.database import Database
from harness.pachd.store.objects import Objects
from harness.pachd.workers.contract import Command, PreparedImage, Task
from harness.pachd.workers.images import ImageLibrary
from harness.pachd.workers.process import ProcessRuntime

root = Path(sys.argv[1])
objects = Objects(root, Database(root / "db"))
runtime = ProcessRuntime(root / "s", root / "c", ImageLibrary([], root / "c", False), objects)
worker = runtime.start(PreparedImage("test", "", None, "/", {"PATH": "/usr/bin:/bin"}), "worker")
task = Task("datum", (), Command(("sh", "-c", sys.argv[2])), env={"MARK": sys.argv[3]})
worker.run(task, lambda line: print(worker.pid, flush=True))
"""


def test_a_killed_server_leaves_nothing(lab: Lab, mark: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # empty folders there wait for the next server
    before = mounts()
    root = lab.folder / "other"
    root.mkdir()
    argv = [sys.executable, "-c", SERVER, str(root), DAEMON + "echo up; sleep 1000", mark]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        guard = int(server.stdout.readline())
        assert marked(mark)
        server.kill()
    await_end(guard)
    assert (marked(mark), mounts(), list(tmp_path.glob("**/workers/*"))) == ([], before, [])


def test_what_a_killed_server_left_is_removed(lab: Lab) -> None:
    scratch = lab.folder / "scratch"
    lab.runtime.close()
    assert list(scratch.iterdir()) == []
    closed = scratch / "old" / "workers" / "0" / "out" / "closed"
    closed.mkdir(parents=True)
    (closed / "file").write_text("")
    closed.chmod(0)
    library = ImageLibrary([], lab.folder / "cache", allow_host=False)
    runtime = ProcessRuntime(scratch, lab.folder / "cache", library, lab.objects)
    assert not closed.exists()
    runtime.close()


def test_namespaces_show_the_command_no_other_process(lab: Lab) -> None:
    if lab.runtime.isolation != NAMESPACES:
        pytest.skip("needs a process namespace")
    if os.geteuid() != 0 and any(place.startswith("/proc/") for place in mounts()):
        pytest.skip("parts of /proc are hidden here, so an ordinary user may not mount a fresh one")
    lab.run("echo /proc/[0-9]*; readlink /proc/self; echo $$")
    processes, this, shell = lab.lines
    assert processes.split()[:2] == ["/proc/1", f"/proc/{shell}"]
    assert int(this) > int(shell)


@pytest.mark.parametrize("lab", [(NAMESPACES, "plain"), (REWRITTEN, "plain")], indirect=True)
def test_everything_is_in_the_scratch_folder_where_its_name_is_plain(lab: Lab) -> None:
    outcome = lab.run("cp /pfs/in/x /pfs/out", lab.input("in", {"x": b"x"}))
    assert lab.outputs(outcome) == {"/x": b"x"}
    assert outcome.output.is_relative_to(lab.folder / "scratch")
