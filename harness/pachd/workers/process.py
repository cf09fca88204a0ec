"""The process runtime: workers are processes of this machine, with a private ``/pfs`` where the system can give one."""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from harness.pachd.workers.child import trees
from harness.pachd.workers.contract import Command, ImageError, Input, PreparedImage, Task, WorkerLost
from harness.pachd.workers.inputs import Exporter, InputCache
from harness.pachd.workers.worker import ProcessWorker

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.pachd.workers.images import ImageLibrary

NAMESPACES = "namespaces"
REWRITTEN = "rewritten paths"

_TAKEN = (Path("/pfs"), Path("/proc"), Path("/dev"), Path("/sys"))


class ProcessRuntime:
    """Runs workers below ``scratch``, which is this server's alone and is emptied first.

    ``isolation`` is found out by running one command. ``HARNESS_ISOLATION=rewrite`` forces the fallback.
    ``isolation_reason`` says why there is no private ``/pfs``, empty if there is.
    """

    def __init__(self, scratch: Path, cache: Path, images: ImageLibrary, objects: Exporter) -> None:
        """``cache`` outlives the server and may be shared by several: it holds the images' environments."""
        self._cache = cache.resolve()
        self._images = images
        self._scratch = _fresh(scratch.resolve())
        self._inputs = InputCache(self._scratch / "inputs", objects)
        self._elsewhere: Path | None = None
        self._worker_folders = self._scratch / "workers"
        self._numbers = itertools.count()
        self._workers: list[ProcessWorker] = []
        self._lock = threading.Lock()
        self.isolation = NAMESPACES
        self.isolation_reason = self._why_not_namespaces()
        if self.isolation_reason:
            self.isolation = REWRITTEN
            if not _plain(self._scratch):
                self._elsewhere = _elsewhere(scratch.resolve())
                self._worker_folders = _fresh(self._elsewhere) / "workers"

    def prepare(self, image: str, progress: Callable[[str], None]) -> PreparedImage:
        """See :class:`~harness.pachd.workers.contract.Runtime`."""
        prepared = self._images.prepare(image, progress, self._scratch / "images")
        if prepared.files is not None:
            self._check_place(image, f"its WORKDIR {prepared.workdir}", Path(prepared.workdir))
        for place in prepared.links:
            self._check_place(image, f"its COPY to {place}", Path(place))
        return prepared

    def start(self, image: PreparedImage, name: str) -> ProcessWorker:
        """See :class:`~harness.pachd.workers.contract.Runtime`. Does not wait until it runs, about 20 ms later."""
        for place in image.mounts:
            self._check_place(image.name, f"a secret's mount_path {place}", Path(place))
        folder = self._worker_folders / f"{next(self._numbers):x}"
        worker = ProcessWorker(name, image, folder, self._inputs, namespaces=self.isolation == NAMESPACES)
        with self._lock:
            self._workers = [other for other in self._workers if not other.ended]
            self._workers.append(worker)
        return worker

    def close(self) -> None:
        """See :class:`~harness.pachd.workers.contract.Runtime`."""
        self._images.close()
        with self._lock:
            workers, self._workers = self._workers, []
        for worker in workers:
            worker.close()
        for folder in (self._scratch, self._elsewhere):
            if folder is not None:
                with suppress(OSError):
                    trees.remove(str(folder))

    def _check_place(self, image: str, what: str, place: Path) -> None:
        """What is shown at ``place`` covers whatever the host has there."""
        hidden = [
            folder for folder in (self._scratch, self._cache, Path(sys.base_prefix)) if folder.is_relative_to(place)
        ]
        hidden += [taken for taken in _TAKEN if place.is_relative_to(taken)]
        if hidden:
            raise ImageError(
                f"image {image}: {what} would get in the way of {hidden[0]}, which its commands need; "
                "choose a folder that nothing else uses, such as /app"
            )

    def _why_not_namespaces(self) -> str:
        """Run a command in a private view of an empty input; what went wrong, empty if nothing did."""
        if os.environ.get("HARNESS_ISOLATION") == "rewrite":
            return "HARNESS_ISOLATION=rewrite"
        if not sys.platform.startswith("linux"):
            return f"{sys.platform} has no mount namespaces"
        host = PreparedImage("probe", "", None, "/", {})
        task = Task("probe", (Input("probe", "probe", list),), Command(("/bin/sh", "-c", "test -d /pfs/probe")))
        worker = self.start(host, "probe")
        try:
            return worker.run(task, lambda _line: None).error
        except WorkerLost as error:
            return str(error)
        finally:
            worker.close()


def _fresh(folder: Path) -> Path:
    """A new folder in ``folder``, after everything else in it was removed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in folder.iterdir():  # by a server that was killed; its last workers may be removing it too
        with suppress(OSError):
            trees.remove(str(left))
    return Path(tempfile.mkdtemp(dir=folder))


def _plain(path: Path) -> bool:
    """Whether no sign in ``path`` means anything to a shell, so that it can be put into commands for ``/pfs``."""
    return re.fullmatch(r"[\w./-]+", str(path)) is not None


def _elsewhere(scratch: Path) -> Path:
    """A folder with a plain path, the same for the same scratch folder, so that the next server finds it.

    It is needed where paths have spaces: macOS, for one, keeps applications' data in ``Application Support``.
    """
    name = hashlib.sha256(os.fsencode(scratch)).hexdigest()[:12]
    folder = Path(tempfile.gettempdir(), f"harness-{os.geteuid()}-{name}").resolve()
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():
        raise PermissionError(f"{folder} is needed for workers and belongs to somebody else; remove it")
    return folder
