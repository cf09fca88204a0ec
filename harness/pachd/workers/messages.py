"""What the server tells a worker process, as it crosses the socket."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.pachd.workers.contract import Command, PreparedImage, Task

PACKAGES = Path(__file__).parents[3]  # the folder that holds the package "harness"


def setup(image: PreparedImage, scratch: Path, *, namespaces: bool) -> dict[str, Any]:
    """The first message: what stays for the worker's life."""
    return {
        "namespaces": namespaces,
        "scratch": str(scratch),
        "files": None if image.files is None else str(image.files),
        "workdir": image.workdir,
        "env": dict(image.env),
        "mounts": {place: _texts(shown) for place, shown in image.mounts.items()},
        "links": dict(image.links),
        "python": sys.executable,
        "packages": str(PACKAGES),
    }


def of_task(task: Task, image: PreparedImage) -> dict[str, Any]:
    """A task, but for its number, its batch and its inputs."""
    workdir = image.workdir
    return {
        "command": _command(task.command),
        "error_command": task.error_command and _command(task.error_command),
        "env": dict(task.env),
        "cwd": str(Path(workdir, task.working_dir)) if task.working_dir else workdir,
        "timeout": task.timeout,
        "memory": task.memory,
        "accept": sorted(task.accept),
        "user": task.user,
    }


def _command(command: Command) -> dict[str, Any]:
    return {"argv": list(command.argv), "stdin": command.stdin.decode("utf-8", "surrogateescape")}


def _texts(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: data.decode("latin-1") for name, data in files.items()}
