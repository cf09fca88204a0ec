"""The pipelines that run: crews for those that are wanted, runs for the jobs that are unfinished."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from harness.pachd.pps import conditions, datum_sets, job_changes, jobs, pipelines, results, schema, versions
from harness.pachd.pps.crons import Crons
from harness.pachd.pps.datum_sets import DatumSets
from harness.pachd.pps.desk import Desk
from harness.pachd.pps.logs import Logs
from harness.pachd.pps.materials import Materials
from harness.pachd.pps.states import PipelineState
from harness.pachd.pps.tools import Tools
from harness.pachd.pps.vault import Vault
from harness.pachd.store.disk import is_full

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from harness.pachd.pfs.destinations import Destinations
    from harness.pachd.pfs.keys import Commit
    from harness.pachd.pfs.txn import Txn
    from harness.pachd.pfs.version_store import VersionStore
    from harness.pachd.pps.datums import Datum
    from harness.pachd.pps.jobs import JobRow
    from harness.pachd.pps.keys import Job, Pipeline
    from harness.pachd.pps.surroundings import Access
    from harness.pachd.pps.tickets import Busy
    from harness.pachd.pps.versions import Version
    from harness.pachd.store.events import Listener
    from harness.pachd.workers.contract import Runtime

log = logging.getLogger(__name__)


class PipelineSystem:
    """Keeps what runs in step with what is stored.

    One thread sleeps until a pipeline or a job changes, then compares: each pipeline version that is wanted has a
    desk, each desk gets the unfinished jobs. The comparison comes out right whatever came before, also a crash.
    Below ``root``, the data directory, it keeps secrets, what jobs and user code say, and scratch files.
    """

    def __init__(
        self,
        store: VersionStore,
        runtime: Runtime,
        root: Path,
        access: Access,
        destinations: Destinations,
        seconds_to_retry: float,
    ) -> None:
        self.store = store
        self.vault = Vault(root / "secrets", store.events)
        store.db.install(schema.DDL)
        self.tools = Tools(
            store,
            DatumSets(store.db, store.objects.pins),
            Materials(store.files, store.objects),
            Logs(root / "logs", store.events),
            self.vault,
            access,
            root / "scratch",
            seconds_to_retry,
            destinations,
        )
        store.at_end.append(job_changes.create_all)
        store.at_removal.append(self._removed)
        store.repo_guards.append(pipelines.owns_repo)
        store.finish_guards.append(pipelines.owns_commit)
        store.plain_roots.append(datum_sets.roots)
        store.content_hashes.append(results.contents)
        self._runtime = runtime
        self._desks: dict[int, Desk] = {}  # by the serial numbers of versions
        self._closing: list[tuple[Pipeline, threading.Thread]] = []
        self._listener: Listener | None = None
        self._listening = threading.Event()
        self.crons = Crons(self.tools)
        self._thread = threading.Thread(target=self._watch, name="pipelines", daemon=True)

    def start(self) -> None:
        """Take up every unfinished job and serve new ones."""
        with self.store.snapshot() as conn:
            pipelines_, jobs_ = {version.pipeline for version in versions.listing(conn)}, jobs.keys(conn)
        self.tools.logs.keep_only(pipelines_, jobs_)
        self._thread.start()
        self._listening.wait()
        self.crons.start()

    def close(self) -> None:
        """End all workers; unfinished jobs go on at the next start."""
        self.crons.close()
        if self._listener is not None:
            self._listener.cancel()
        self._thread.join()
        self._end(self._desks.keys())
        for _, thread in self._closing:
            thread.join()

    def busy(self, row: JobRow) -> list[Busy]:
        """The workers that have a datum of this job in hand."""
        return [busy for desk in list(self._desks.values()) for busy in desk.busy() if busy.job == row.job]

    def restart(self, job: Job, meant: Callable[[Datum], bool]) -> bool:
        """Have those of a job's datums that are being executed and meant tried again; False where there is none."""
        return any(desk.restart(job, meant) for desk in list(self._desks.values()))  # one of them has the job

    def delete(self, doomed: Sequence[Pipeline], *, force: bool = False, keep_repo: bool = False) -> None:
        """Delete pipelines together; see :func:`pipelines.delete`. Where that is refused they remain, but stopped."""
        for pipeline in doomed:
            with self.store.transaction() as txn:
                pipelines.stop(txn, pipeline)
        with self.store.transaction() as txn:
            for pipeline in doomed:
                pipelines.delete(txn, pipeline, force=force, keep_repo=keep_repo)
        for pipeline in doomed:
            self.tools.logs.delete(pipeline)

    def delete_job(self, job: Job) -> None:
        """Kill a job and forget it and what it said; its commits stay. Raises JOB_NOT_FOUND."""
        with self.store.transaction() as txn:
            job_changes.kill(txn, jobs.get(txn.conn, job), "job deleted")
            job_changes.forget(txn, job)
        self.tools.logs.forget(job)

    def _removed(self, txn: Txn, gone: list[Commit]) -> None:
        """Commits are squashed or dropped: their jobs go, and what these said."""
        doomed = job_changes.removed(txn, gone)

        def forget(kept: bool) -> None:
            for job in doomed if kept else ():
                self.tools.logs.forget(job)

        txn.store.db.at_end(forget)

    def _watch(self) -> None:
        with self.store.events.listen(versions.TOPIC, jobs.TOPIC) as listener:
            self._listener = listener
            self._listening.set()
            listener.repeat(self._look)

    def _look(self) -> float | None:
        """Compare; the seconds after which to try again if that failed."""
        try:
            self._compare()
        except Exception:  # a full disk, say, must not end all running for good
            log.exception("comparing what runs with what is stored")
            return self.tools.seconds_to_retry
        return None

    def _compare(self) -> None:
        with self.store.snapshot() as conn:
            current = {version.serial: version for version in versions.listing(conn)}
            unfinished = jobs.unfinished(conn)
        running = {serial for serial, version in current.items() if not version.stopped}
        self._end(self._desks.keys() - running)
        for serial in running - self._desks.keys():
            before = [thread for pipeline, thread in self._closing if pipeline == current[serial].pipeline]
            self._desks[serial] = Desk(self.tools, self._runtime, current[serial], before)
        for serial, desk in self._desks.items():
            self._serve(desk, current[serial], unfinished)
        for version in current.values():
            if version.stopped:
                conditions.pause(self.store, version)

    def _serve(self, desk: Desk, version: Version, unfinished: Sequence[JobRow]) -> None:
        """What goes wrong with one pipeline, such as a disk that takes no logs, must not stop the others."""
        try:
            desk.serve(version, [row for row in unfinished if version.ran(row.job, row.version)])
        except Exception as error:
            if is_full(error):
                raise
            log.exception("jobs of %s", version.pipeline)
            reason = f"internal error: {type(error).__name__}: {error}"
            conditions.report(self.store, version, PipelineState.CRASHING, reason)

    def _end(self, serials: Iterable[int]) -> None:
        """Close desks in the background: what they run may take a while to die, and others are waiting."""
        self._closing = [(pipeline, thread) for pipeline, thread in self._closing if thread.is_alive()]
        for serial in list(serials):
            desk = self._desks.pop(serial)
            thread = threading.Thread(target=desk.close, name="closing", daemon=True)
            self._closing.append((desk.pipeline, thread))
            thread.start()
