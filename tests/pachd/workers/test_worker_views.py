"""What a command sees of the world and what becomes of what it leaves there."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from harness.pachd.workers.process import NAMESPACES

if TYPE_CHECKING:
    from harness.pachd.workers.contract import Outcome
    from tests.pachd.workers.worker_lab import Lab

DEADLINE = 30  # seconds after which a test that waits gives up


def test_inputs_go_in_and_outputs_come_out(lab: Lab) -> None:
    images = lab.input("images", {"a.png": b"A", "sub/dir/b.png": b"B"})
    empty = lab.input("empty", {})
    outcome = lab.run("cp -r /pfs/images/. /pfs/out/; ls /pfs/empty | wc -l > /pfs/out/count", images, empty)
    assert {path: data.strip() for path, data in lab.outputs(outcome).items()} == {
        "/a.png": b"A",
        "/sub/dir/b.png": b"B",
        "/count": b"0",
    }
    assert outcome.download_bytes == 2


def test_pfs_holds_only_what_the_task_has(lab: Lab) -> None:
    worker = lab.worker()
    lab.run("true", lab.input("first", {"x": b""}), worker=worker)
    lab.run("ls /pfs", lab.input("second", {"x": b""}), worker=worker)
    assert lab.lines == ["out", "second"]


def test_scribbling_on_inputs_harms_nobody(lab: Lab) -> None:
    wanted = lab.input("in", {"data/x": b"original", "data/y": b"why"})
    spoil = "echo spoilt > /pfs/in/data/x; rm -r /pfs/in/data/y; echo new > /pfs/in/new; find /pfs/in -type f | wc -l"
    assert lab.run(spoil, wanted).error == ""
    after = lab.run("cp -r /pfs/in/. /pfs/out", wanted)
    assert lab.outputs(after) == {"/data/x": b"original", "/data/y": b"why"}
    assert [int(line) for line in lab.lines] == [2]


def test_inputs_are_written_once_for_all_workers_and_tasks(lab: Lab) -> None:
    model = lab.input("model", {"weights": b"w" * 100_000})
    first = lab.worker()
    sizes = [lab.run("true", model, worker=worker).download_bytes for worker in (first, first, lab.worker())]
    assert (lab.filled, sizes) == (["model"], [100_000] * 3)


def test_an_input_that_cannot_be_written_fails_the_attempt(lab: Lab) -> None:
    wanted = lab.input("in", {"x": b"", "x/below": b""})  # a file where a folder has to be
    assert lab.run("true", wanted).error.startswith("cannot write the inputs to disk: ")


def test_workers_have_a_pfs_each(lab: Lab) -> None:
    """While one command waits with its inputs open, another worker runs with other ones under the same name."""
    gate = lab.folder / "gate"
    os.mkfifo(gate)
    outcomes: list[Outcome] = []
    waiting = lab.input("in", {"who": b"first"})
    thread = threading.Thread(
        target=lambda: outcomes.append(lab.run(f"read go < '{gate}'; cp /pfs/in/who /pfs/out/who", waiting))
    )
    thread.start()
    with gate.open("w") as opened:
        second = lab.run("cp /pfs/in/who /pfs/out/who", lab.input("in", {"who": b"second"}))
        opened.write("go\n")
    thread.join(DEADLINE)
    assert [lab.outputs(outcome) for outcome in (outcomes[0], second)] == [{"/who": b"first"}, {"/who": b"second"}]


def test_unreadable_outputs_are_read(lab: Lab) -> None:
    outcome = lab.run("cd /pfs/out; mkdir d; echo secret > d/f; chmod 0 d/f d")
    assert lab.outputs(outcome) == {"/d/f": b"secret\n"}


def test_image_files_are_at_the_workdir_and_fresh_every_time(lab: Lab) -> None:
    files = lab.folder / "image"
    files.mkdir()
    (files / "run.sh").write_text("echo in $PWD; echo more >> notes; cat notes\n")
    (files / "notes").write_text("original\n")
    worker = lab.worker(files, "/opt/of-the-image/code")
    for _ in range(2):
        assert lab.run("sh /opt/of-the-image/code/run.sh", worker=worker).error == ""
    place, *notes = lab.lines[:3]
    assert notes == ["original", "more"]
    assert lab.lines[4:] == ["original", "more"]
    assert place.endswith("/opt/of-the-image/code" if lab.runtime.isolation == NAMESPACES else "/work")
    assert (files / "notes").read_text() == "original\n"
    assert sorted(file.name for file in files.iterdir()) == ["notes", "run.sh"]


def test_working_dir_is_taken_from_the_workdir_on(lab: Lab) -> None:
    files = lab.folder / "image"
    (files / "sub").mkdir(parents=True)
    worker = lab.worker(files, "/code")
    lab.run("basename $PWD; basename $(pwd); touch file", working_dir="sub", worker=worker)
    lab.run("basename $PWD", working_dir="/code/sub", worker=worker)
    assert lab.lines == ["sub", "sub", "sub"]


def test_what_is_written_in_the_working_directory_is_gone_afterwards(lab: Lab) -> None:
    worker = lab.worker()
    for _ in range(2):
        outcome = lab.run("ls | grep -c main.py; echo > main.py; rm -f /main.py.not; cat main.py", worker=worker)
        assert outcome.error == ""
    assert lab.lines == ["0", "", "0", ""]


def test_only_pfs_itself_is_taken_for_pfs(lab: Lab) -> None:
    lab.run("echo /data/pfs/x /pfsx /pfs-2 ~/pfs /pfs.txt", stdin=b"")
    assert [word.split("/pfs")[0] for word in lab.lines[0].split()][:3] == ["/data", "", ""]
    assert lab.lines[0].startswith("/data/pfs/x /pfsx /pfs-2 ")
    assert lab.lines[0].endswith("/pfs /pfs.txt")
