"""What every view puts into the world of a task."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from harness.pachd.workers.child.channel import Message
    from harness.pachd.workers.child.pipes import Pipes

    Mounts = dict[str, dict[str, str]]  # by absolute path: files by name, a character a byte
    Links = dict[str, str]  # from paths outside of the working directory to paths in it


def open_pipes(scratch: str, task: Message) -> Pipes | None:
    """The named pipes of a task's lazy inputs, made; None where it has none. Raises OSError."""
    if not task["pipes"]:
        return None
    from harness.pachd.workers.child.pipes import Pipes  # exists on Linux only

    pipes = Pipes(os.path.join(scratch, f"pipes-{task['task']}"))
    try:
        for name, paths in task["pipes"]:
            pipes.make(name, paths)
    except OSError:
        pipes.close()
        raise
    return pipes


def write_env_file(pfs: str, env: dict[str, str]) -> None:
    """``/pfs/.env``: the task's variables, a line each, as python_pachyderm's Worker reads them."""
    with open(os.path.join(pfs, ".env"), "w", encoding="utf-8", errors="surrogateescape") as file:
        file.writelines(f"{name}={value}\n" for name, value in env.items())


def write_files(folder: str, files: dict[str, str], mode: int) -> None:
    """Write files, a character a byte, that nobody else can read until they have their ``mode``."""
    for name, text in files.items():
        path = os.path.join(folder, name)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "w", encoding="latin-1", newline="") as file:
            file.write(text)
        os.chmod(path, mode)
