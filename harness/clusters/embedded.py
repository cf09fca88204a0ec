"""The embedded cluster: a server process of its own, started for a run and ended with it."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.bundled import bundled
from harness.clusters import server_process
from harness.clusters.cluster import Cluster, ClusterError, tail

if TYPE_CHECKING:
    from types import TracebackType

SECONDS_TO_START = 60.0
SERVER = (sys.executable, "-m", "harness.pachd")


@dataclass(frozen=True)
class Options:
    """How to start a cluster.

    ``root``: the data directory; None takes a temporary one that is removed at the end unless ``keep``. ``port`` 0
    takes a free one. ``images``: folders of image folders; none means the ones that come with the harness. Pipelines
    may send their output to the ``egress_folders``. With ``locked`` calls need a token, made for this start.
    """

    root: Path | None = None
    keep: bool = False
    port: int = 0
    locked: bool = True
    images: tuple[Path, ...] = ()
    allow_host_images: bool = False
    egress_folders: tuple[Path, ...] = ()
    command: tuple[str, ...] = SERVER
    seconds_to_start: float = SECONDS_TO_START


class EmbeddedCluster:
    """Starts the server on entering, ends it on leaving. Raises :class:`ClusterError` when it does not start."""

    def __init__(self, options: Options | None = None) -> None:
        self._options = options or Options()
        self._temporary = self._options.root is None and not self._options.keep
        self._process: subprocess.Popen[bytes] | None = None
        self._root = Path()
        self._answered = False

    def __enter__(self) -> Cluster:
        self._root = _data_directory(self._options.root)
        try:
            return self._start()
        except BaseException:
            self.__exit__(None, None, None)
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        died = self._answered and self._process is not None and self._process.poll() is not None
        if self._process is not None:
            server_process.end(self._process)
        if self._temporary and not died:  # of a cluster that died the data is evidence, and can be started again
            _remove(self._root)

    def wait(self) -> int:
        """Wait until the server ends by itself; its exit code."""
        assert self._process is not None, "only a started cluster can be waited for"  # noqa: S101
        return self._process.wait()

    def _start(self) -> Cluster:
        token = secrets.token_urlsafe(24) if self._options.locked else None
        log = self._root / "server.log"
        with log.open("ab") as sink:
            beginning = sink.tell()
            self._process = process = subprocess.Popen(
                self._command(),
                stdin=subprocess.PIPE,  # the server ends when this closes: it never outlives this process
                stdout=subprocess.PIPE,
                stderr=sink,
                env={**os.environ, "HARNESS_TOKEN": token or ""},
                start_new_session=True,  # Ctrl-C is for us: evidence is still collected before the server ends
            )
        try:
            answer = server_process.announcement(process, self._options.seconds_to_start)
        except ClusterError as error:
            raise ClusterError(_explain(error, log, beginning)) from None
        self._answered = True
        return Cluster(
            kind="embedded",
            address=answer["address"],
            token=answer["token"],
            isolation=answer["isolation"],
            log=log,
            root=self._root,
            kept=not self._temporary,
            pid=process.pid,
            ended=lambda seconds: server_process.how_it_ended(process, seconds),
        )

    def _command(self) -> list[str]:
        options = self._options
        command = [*options.command, "--root", str(self._root), "--port", str(options.port), "--with-parent"]
        for folder in options.images or (bundled("images"),):
            command += ["--images", str(folder)]
        for folder in options.egress_folders:
            command += ["--egress-folder", str(folder)]
        if self._temporary:
            command.append("--temporary")  # so that it goes even if this process is killed
        if not options.locked:
            command.append("--no-token")
        if options.allow_host_images:
            command.append("--allow-host-images")
        return command


def _data_directory(root: Path | None) -> Path:
    if root is None:
        return Path(tempfile.mkdtemp(prefix="harness-"))
    try:
        root.mkdir(parents=True, exist_ok=True)
        with (root / "server.log").open("ab"):
            return root.resolve()
    except OSError as error:
        raise ClusterError(f"cannot use {root} as data directory: {error.strerror}; name another") from None


def _explain(error: ClusterError, log: Path, beginning: int) -> str:
    """The server ends with one line of its own about a bad start; anything else needs the log's end."""
    said = log.read_bytes()[beginning:].decode(errors="replace").splitlines()
    if said and said[-1].startswith("harness: "):
        return said[-1].removeprefix("harness: ")
    return f"the embedded cluster did not start: {error}\nits log ends with\n{tail(log)}"


def _remove(root: Path) -> None:
    """Remove a temporary data directory, folders without permissions (as users' code may leave them) included."""
    for folder, folders, _ in os.walk(root):
        for name in folders:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o700)
    shutil.rmtree(root, ignore_errors=True)
