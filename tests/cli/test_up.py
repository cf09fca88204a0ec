"""``harness up`` as a process: it answers, and leaves nothing behind however it is ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.clusters import start

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = (sys.executable, "-c", "from harness.cli import main; main()", "up")
SECONDS = 60


@contextmanager
def up(*words: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """The process, and the JSON line that it began with."""
    process = subprocess.Popen([*COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.communicate()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_until_it_is_told_to_end(how: signal.Signals) -> None:
    with up() as (process, line):
        with start(f"{line['address']},{line['token']}") as cluster:
            cluster.client().create_repo("r")
        process.send_signal(how)
        out, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    assert out == ""
    assert "temporary: it goes when the cluster ends" in err
    assert not Path(line["root"]).exists()
    assert not is_alive(line["pid"])


def test_a_given_root_is_kept_and_goes_on(tmp_path: Path) -> None:
    for repos in ([], ["r"]):
        with up("--root", str(tmp_path / "data"), "--no-token") as (process, line):
            assert line["token"] is None
            assert line["root"] == str(tmp_path / "data")
            with start(line["address"]) as cluster:
                client = cluster.client()
                assert [info.repo.name for info in client.list_repo()] == repos
                client.create_repo("r", update=True)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=SECONDS)
        assert process.returncode == 0


def test_the_end_of_its_server_is_told(tmp_path: Path) -> None:
    with up("--root", str(tmp_path / "data")) as (process, line):
        os.kill(line["pid"], signal.SIGKILL)
        _, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 2
    assert "harness: the embedded cluster was ended by SIGKILL; its data directory" in err
