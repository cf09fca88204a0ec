"""Servers that do not start: one clear message each, and nothing left."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from typing import TYPE_CHECKING

import pytest

from harness.clusters import ClusterError, EmbeddedCluster, Options

if TYPE_CHECKING:
    from pathlib import Path


def program(text: str) -> tuple[str, ...]:
    """A real process in the server's place that misbehaves in its own way."""
    return (sys.executable, "-c", text)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("raise SystemExit('boom')", "did not start: ended by itself with exit code 1\nits log ends with\n  boom"),
        ("import os; os.kill(os.getpid(), 9)", "did not start: was ended by SIGKILL\nits log ends with\n  (empty)"),
        ("print('hello')", "did not start: it began with b'hello\\n' instead of its JSON line"),
        ("print('[]')", "instead of its JSON line"),
        ("import os; os.close(1); os.close(2); input()", "did not start: it closed its output and went on"),
        ("import sys; sys.exit('harness: the port is in use; take another')", "the port is in use; take another"),
    ],
)
def test_a_server_that_does_not_start_says_why(text: str, message: str, temporary: Path) -> None:
    with pytest.raises(ClusterError) as caught, EmbeddedCluster(Options(command=program(text))):
        pytest.fail("it started")
    assert message in str(caught.value)
    assert list(temporary.iterdir()) == []


def test_a_silent_server_is_ended_at_the_deadline(tmp_path: Path) -> None:
    text = "import os, time; print(os.getpid(), file=open('pid', 'w'), flush=True); input()"
    pid_file = tmp_path / "pid"
    options = Options(command=program(text.replace("'pid'", repr(str(pid_file)))), seconds_to_start=2)
    with pytest.raises(ClusterError, match="it did not answer within 2 s"), EmbeddedCluster(options):
        pytest.fail("it started")
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)


def test_a_given_data_directory_is_kept_and_the_log_with_it(tmp_path: Path) -> None:
    options = Options(root=tmp_path / "data", command=program("raise SystemExit('boom')"))
    with pytest.raises(ClusterError), EmbeddedCluster(options):
        pytest.fail("it started")
    assert (tmp_path / "data" / "server.log").read_text() == "boom\n"


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ClusterError, match=r"cannot use .*/file/data as data directory: Not a directory; name another"):
        EmbeddedCluster(Options(root=tmp_path / "file" / "data")).__enter__()


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ClusterError) as caught:
            EmbeddedCluster(Options(root=tmp_path, port=port)).__enter__()
    assert str(caught.value).startswith(f"cannot listen on 127.0.0.1:{port}: the port is in use")
    assert "\n" not in str(caught.value)
