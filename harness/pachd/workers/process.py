"""The process runtime: workers are processes of this machine, with a private ``/pfs`` where the system can give one."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
import threading
from typing import TYPE_CHECKING

from harness.pachd.workers.child import trees
from harness.pachd.workers.contract import Command, ImageError, Input, PreparedImage, Task, WorkerLost
from harness.pachd.workers.inputs import Exporter, InputCache
from harness.pachd.workers.worker import ProcessWorker

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.pachd.workers.images import ImageLibrary

NAMESPACES = "namespaces"
REWRITTEN = "rewritten paths"


class ProcessRuntime:
    """Runs workers below ``scratch``, which is this server's alone and is emptied first; see decision 5 of the design.

    ``isolation`` is found out by running one command. ``HARNESS_ISOLATION=rewrite`` forces the fallback.
    ``isolation_reason`` says why there is no private ``/pfs``, empty if there is.
    """

    def __init__(self, scratch: Path, cache: Path, images: ImageLibrary, objects: Exporter) -> None:
        """``cache`` outlives the server and may be shared by several: it holds the images' environments."""
        self._scratch = scratch.resolve()
        self._cache = cache.resolve()
        self._images = images
        if self._scratch.exists():
            trees.remove(str(self._scratch))  # of a server that was killed
        self._scratch.mkdir(mode=0o700, parents=True)
        self._inputs = InputCache(self._scratch / "inputs", objects)
        self._numbers = itertools.count()
        self._workers: list[ProcessWorker] = []
        self._lock = threading.Lock()
        self.isolation = NAMESPACES
        self.isolation_reason = self._why_not_namespaces()
        if self.isolation_reason:
            self.isolation = REWRITTEN

    def prepare(self, image: str, progress: Callable[[str], None]) -> PreparedImage:
        """See :class:`~harness.pachd.workers.contract.Runtime`."""
        prepared = self._images.prepare(image, progress, self._scratch / "images")
        for place in (self._scratch, self._cache):
            if prepared.files is not None and place.is_relative_to(prepared.workdir):
                raise ImageError(
                    f"image {image}: its WORKDIR {prepared.workdir} would hide {place}, which its commands need; "
                    "choose a WORKDIR of the image's own, such as /app, or another data directory"
                )
        return prepared

    def start(self, image: PreparedImage, name: str) -> ProcessWorker:
        """See :class:`~harness.pachd.workers.contract.Runtime`. Does not wait until it runs, about 20 ms later."""
        folder = self._scratch / "workers" / f"{next(self._numbers):x}"
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
        shutil.rmtree(self._scratch, ignore_errors=True)

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
