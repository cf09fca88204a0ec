"""Virtual environments of images: built once from pinned requirements, kept for every later server."""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from harness.pachd.workers.contract import ImageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_TAIL = 8  # lines of a failed build that its error shows
# Requirements that name files of the image: what is installed depends on more than the requirements' text.
_LOCAL = re.compile(
    r"^\s*(-[rcef]\b|--(requirement|constraint|editable|find-links)\b|\.{0,2}/|[^#]*file:)", re.MULTILINE
)


def base_python() -> Path:
    """The interpreter that this one's own virtual environment, if it is in one, was made from."""
    major, minor = sys.version_info[:2]
    python = Path(sys.base_prefix, "bin", f"python{major}.{minor}")
    return python if python.exists() else Path(sys.executable)


class Environments:
    """A folder of virtual environments, named by what they are made of; safe for several servers at once.

    An environment cannot be moved, so it is built in place; the file ``complete`` in it is written last, and one
    without that file is built again.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._running: set[subprocess.Popen[str]] = set()
        self._closed = False
        self._lock = threading.Lock()

    def get(self, image: str, files: Path, digest: str, progress: Callable[[str], None]) -> Path:
        """The python of the environment for ``files/requirements.txt``, built if need be.

        Raises :class:`ImageError`.
        """
        requirements = files / "requirements.txt"
        text = requirements.read_text("utf-8")
        made_of = (
            text,
            platform.python_version(),
            sys.platform,
            platform.machine(),
            digest if _LOCAL.search(text) else "",
        )
        folder = self._root / hashlib.sha256("\0".join(made_of).encode()).hexdigest()[:32]
        complete = folder / "complete"
        self._root.mkdir(parents=True, exist_ok=True)
        # Programs of a build inherit the lock: while one of a killed server still writes, nobody else builds there.
        with folder.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not complete.exists():
                self._build(image, folder, requirements, lock.fileno(), progress)
                complete.touch()
        return folder / "bin" / "python"

    def close(self) -> None:
        """Kill the builds that are under way; their callers get an :class:`ImageError`."""
        with self._lock:
            self._closed = True
            for process in self._running:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

    def _build(self, image: str, folder: Path, requirements: Path, lock: int, progress: Callable[[str], None]) -> None:
        if folder.exists():
            shutil.rmtree(folder)
        progress(f"image {image}: building its environment")
        python = folder / "bin" / "python"
        # Isolated (-I): the image's files, which are in the working directory, are not to be taken for modules.
        make = [sys.executable, "-I", "-m", "virtualenv", "--quiet", "--python", str(base_python()), str(folder)]
        install = [str(python), "-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
        for step in (make, [*install, "--requirement", str(requirements)]):
            ended, tail = self._step(step, requirements.parent, lock, progress)
            if ended != 0:
                raise ImageError(
                    f"image {image}: building its environment from requirements.txt failed:\n"
                    + "\n".join(f"  {line}" for line in tail)
                    + "\nCorrect the requirements, or make the package index reachable "
                    "(PIP_INDEX_URL, PIP_FIND_LINKS and proxy variables of the server are honoured), and try again"
                )

    def _step(
        self, argv: Sequence[str], cwd: Path, lock: int, progress: Callable[[str], None]
    ) -> tuple[int, list[str]]:
        """Run one program of a build: how it ended, and the last lines it printed."""
        with self._lock:
            if self._closed:
                raise ImageError("the embedded cluster is shutting down")
            process = subprocess.Popen(
                argv,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                pass_fds=(lock,),
                start_new_session=True,
            )
            self._running.add(process)
        tail: deque[str] = deque(maxlen=_TAIL)
        try:
            with process:
                for line in process.stdout or ():
                    tail.append(line.rstrip())
                    progress(line.rstrip())
        finally:
            with self._lock:
                self._running.discard(process)
        return process.returncode, list(tail)
