"""A pipeline system whose workers take no time, for what jobs cost besides.

Each datum writes one file, named as its input.
"""

from __future__ import annotations

import posixpath
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from python_pachyderm.proto.v2.pps import pps_pb2

from harness.pachd.pfs import branches, commits, records, repos
from harness.pachd.pfs.destinations import Destinations
from harness.pachd.pfs.keys import Branch, Repo
from harness.pachd.pps import jobs
from harness.pachd.pps.surroundings import Access
from harness.pachd.pps.system import PipelineSystem
from harness.pachd.services.pps import PPS
from harness.pachd.workers.contract import Outcome, PreparedImage
from tests.pachd.pfs.stores import opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from harness.pachd.pfs.version_store import VersionStore
    from harness.pachd.pps.jobs import JobRow
    from harness.pachd.workers.contract import Task

DATA = Branch(Repo("default", "data"), "master")


class InstantWorker:
    """Runs nothing."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self._output = folder
        folder.mkdir(parents=True)

    def run(self, task: Task, on_line: Callable[[str], None]) -> Outcome:  # noqa: ARG002 -- nothing is said
        for file in self._output.iterdir():
            file.unlink()
        name = posixpath.basename(task.env["data"])
        (self._output / name).write_text(name)
        return Outcome("", self._output)

    def cancel(self) -> None:
        """There is never anything to cancel."""

    def end_batch(self) -> None:
        """There is none."""

    def close(self) -> None:
        """Nothing is left."""


class InstantRuntime:
    """Starts such workers."""

    isolation = "none"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prepare(self, image: str, progress: Callable[[str], None]) -> PreparedImage:  # noqa: ARG002 -- nothing to do
        return PreparedImage(image, "sha256:0", None, "/", {})

    def start(self, image: PreparedImage, name: str) -> InstantWorker:  # noqa: ARG002 -- they are all alike
        return InstantWorker(name, self._folder / name)

    def close(self) -> None:
        """Nothing is left."""


class Cluster:
    """A store with the repo ``data``, and the pipeline ``p`` over its files."""

    def __init__(self, store: VersionStore, system: PipelineSystem) -> None:
        self.store = store
        self._service = PPS(system, lambda: "")

    def create(self, **fields: Any) -> JobRow:
        """Create the pipeline, or update it; its ended job."""
        request = pps_pb2.CreatePipelineRequest(
            pipeline=pps_pb2.Pipeline(name="p"),
            transform=pps_pb2.Transform(cmd=["true"], image="host"),
            input=pps_pb2.Input(pfs=pps_pb2.PFSInput(repo="data", glob="/*")),
            parallelism_spec=pps_pb2.ParallelismSpec(constant=2),
            **fields,
        )
        self._service.CreatePipeline(request, _NoClient())
        return self.ended()

    def put(self, numbers: Iterable[int], text: bytes) -> None:
        """Write that text into so many files, in one commit."""
        with self.store.transaction() as txn:
            commit = commits.start(txn, DATA)
        edit = self.store.files.edit(self._content(commit))
        for number in numbers:
            edit.append(f"/{number:07}", "", text)
        with self.store.transaction() as txn:
            commits.write(txn, commit, edit.save(txn.conn))
            commits.finish(txn, commit)

    def ended(self) -> JobRow:
        """The newest job, once it has ended."""

        def look() -> JobRow | None:
            with self.store.snapshot() as conn:
                newest = jobs.select(conn, "ORDER BY pk DESC LIMIT 1")[0]
            return newest if newest.finished is not None else None

        with self.store.events.listen(jobs.TOPIC) as listener:
            return listener.wait(look)

    def _content(self, commit: Any) -> bytes:
        with self.store.snapshot() as conn:
            return commits.content(conn, records.get(conn, commit))


class _NoClient:
    """The context of a call that nobody made."""

    def invocation_metadata(self) -> tuple[()]:
        return ()


@contextmanager
def cluster(root: Path) -> Iterator[Cluster]:
    """One on the folder ``root``."""
    (root / "scratch").mkdir()
    with opened(root) as store:
        access, nowhere = Access("127.0.0.1", 1, None), Destinations(())
        system = PipelineSystem(store, InstantRuntime(root / "workers"), root, access, nowhere, seconds_to_retry=10.0)
        with store.transaction() as txn:
            repos.create(txn, DATA.repo)
            branches.create(txn, DATA)
        system.start()
        try:
            yield Cluster(store, system)
        finally:
            store.events.close()
            system.close()
