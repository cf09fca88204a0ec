"""What keeps a server from starting is told in one line, with what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.pachd.server.conftest import Process

DEADLINE = 30.0


def test_port_in_use_is_one_clear_line(start: Callable[..., Process], tmp_path: Path) -> None:
    port = start().said["address"].split(":")[1]
    second = start("--port", port, root=tmp_path / "other")
    _, complaint = second.popen.communicate(timeout=DEADLINE)
    assert second.popen.returncode == 2
    assert complaint.count("\n") == 1
    assert f"127.0.0.1:{port}" in complaint
    assert "--port" in complaint


def test_one_server_a_data_directory(start: Callable[..., Process]) -> None:
    start()
    second = start()
    _, complaint = second.popen.communicate(timeout=DEADLINE)
    assert second.popen.returncode == 2
    assert complaint.count("\n") == 1
    assert "in use by another server" in complaint


def test_data_directory_that_cannot_be_made_is_one_clear_line(start: Callable[..., Process], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    server = start(root=tmp_path / "file" / "root")
    _, complaint = server.popen.communicate(timeout=DEADLINE)
    assert server.popen.returncode == 2
    assert complaint.count("\n") == 1
    assert "--root" in complaint


def test_folder_of_images_that_is_not_there_is_one_clear_line(start: Callable[..., Process], tmp_path: Path) -> None:
    server = start("--images", str(tmp_path / "nowhere"))
    _, complaint = server.popen.communicate(timeout=DEADLINE)
    assert server.popen.returncode == 2
    assert complaint.count("\n") == 1
    assert f"no folder of images at {tmp_path / 'nowhere'}" in complaint
