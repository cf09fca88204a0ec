"""Executing one datum on a worker: attempts, log lines, collecting what the user code wrote."""

from __future__ import annotations

import posixpath
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.pachd.pps import commands, environment, meta
from harness.pachd.pps.restarts import Restarts
from harness.pachd.pps.results import Result, Stats
from harness.pachd.pps.states import DatumState
from harness.pachd.workers import storing
from harness.pachd.workers.contract import WorkerLost
from harness.pachd.workers.outputs import OutputError, collect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from harness.pachd.pps.datums import Datum
    from harness.pachd.pps.keys import Job
    from harness.pachd.pps.log_writing import Log
    from harness.pachd.pps.materials import Materials
    from harness.pachd.pps.versions import Version
    from harness.pachd.store.contents import Content
    from harness.pachd.store.objects import Objects
    from harness.pachd.workers.contract import Outcome, Task, Worker


class Execution:
    """Executes datums of one job. Safe to use from several threads, one a worker."""

    def __init__(
        self, version: Version, job: Job, image_digest: str, log: Log, materials: Materials, objects: Objects
    ) -> None:
        self._job = job
        self._version = version
        self._salt = version.info.details.salt
        self._tries = max(version.info.details.datum_tries, 1)
        self._image_digest = image_digest
        self._log = log
        self._materials = materials
        self._objects = objects
        self._restarts = Restarts()
        self._memory = commands.memory_limit(version.info.details, self._log)
        self._tasks: dict[Worker, Task] = {}

    @contextmanager
    def datum_set(self, worker: Worker) -> Iterator[None]:
        """The datums that :meth:`run` gets while the block runs are a datum set: user code may stay alive in it."""
        self._log.worker(worker.name, "started process datum set task")
        self._tasks[worker] = self._task(worker.name)
        try:
            yield
        except WorkerLost as error:
            self._log.worker(worker.name, f"errored process datum set task: {error}")
            raise
        finally:
            del self._tasks[worker]
            worker.end_batch()
        self._log.worker(worker.name, "finished process datum set task")

    def run(self, datum: Datum, worker: Worker) -> Result | None:
        """Try ``datum`` as often as its pipeline allows; None when it was cancelled. Raises WorkerLost.

        Inside :meth:`datum_set`.
        """
        env = environment.of_datum(self._job, datum)
        task = self._tasks[worker]
        task = replace(task, datum_id=datum.id, inputs=self._materials.directories(datum), env={**task.env, **env})
        stats, files, reason, recovered = Stats(), None, "", False
        for _ in range(self._tries):
            outcome = self._attempt(datum, task, worker)
            if outcome.cancelled:
                return None
            stats = _with_attempt(stats, outcome)
            reason, recovered = outcome.error, recovered or outcome.recovered
            if not reason:
                files, stats, reason = self._collect(datum, task, outcome, stats)
            if not reason:
                break
        state = DatumState.SUCCESS if files is not None else DatumState.RECOVERED if recovered else DatumState.FAILED
        return self._result(datum, env, state, "" if files is not None else reason, files or [], stats)

    def restart(self, datum: Datum, worker: Worker) -> bool:
        """Make the attempt that ``worker`` has at ``datum`` a failed one; False where it has none."""
        return self._restarts.end(datum.id, worker)

    def failure(self, datum: Datum, reason: str) -> Result:
        """The result of a datum whose execution broke down."""
        self._log.worker("", f"errored processing datum: {reason}", datum)
        env = environment.of_datum(self._job, datum)
        return self._result(datum, env, DatumState.FAILED, reason, (), Stats())

    def _task(self, worker: str) -> Task:
        """What the tasks of all datums on the worker of that name have in common."""
        details = self._version.info.details
        transform = details.transform
        return replace(
            commands.task(self._version, worker, self._memory),
            error_command=commands.error_command(transform),
            timeout=details.datum_timeout.ToNanoseconds() / 1e9 or None,
            # Its end is told, so that there is but one at a time.
            batch=self._job.id if transform.datum_batching else "",
        )

    def _attempt(self, datum: Datum, task: Task, worker: Worker) -> Outcome:
        def run() -> Outcome:
            return worker.run(task, lambda line: self._log.user(worker.name, line, datum))

        return commands.attempt(self._log, worker.name, datum, lambda: self._restarts.attempt(datum.id, worker, run))

    def _collect(
        self, datum: Datum, task: Task, outcome: Outcome, stats: Stats
    ) -> tuple[list[tuple[str, Content]] | None, Stats, str]:
        """Store what is in ``/pfs/out``: (files, stats with the upload, "") or (None, stats, what is wrong)."""
        began = time.monotonic_ns()
        try:
            files = storing.store(self._objects, collect(outcome.output, task.inputs))
        except OutputError as error:
            self._log.worker("", f"errored uploading output: {error}", datum)
            return None, stats, str(error)
        took, size = time.monotonic_ns() - began, sum(content.size for _, content in files)
        stats = replace(stats, upload_time=stats.upload_time + took, upload_bytes=stats.upload_bytes + size)
        return files, stats, ""

    def _result(
        self,
        datum: Datum,
        env: Mapping[str, str],
        state: DatumState,
        reason: str,
        output: Sequence[tuple[str, Content]],
        stats: Stats,
    ) -> Result:
        hash_ = datum.hash(self._salt)
        told = meta.as_json(
            *(self._job, datum, hash_), state=state, reason=reason, stats=stats, image_digest=self._image_digest
        )
        folder = output_folder(datum.id)
        files = tuple((posixpath.join(folder, path.lstrip("/")), content) for path, content in output)
        return Result(datum.id, hash_, state, reason, told, environment.as_file(env), files, stats)


def output_folder(datum_id: str) -> str:
    """Where a meta commit has what a datum wrote; ends in a slash."""
    return f"/pfs/{datum_id}/out/"


def _with_attempt(stats: Stats, outcome: Outcome) -> Stats:
    return replace(
        stats,
        download_time=stats.download_time + round(outcome.download_seconds * 1e9),
        process_time=stats.process_time + round(outcome.process_seconds * 1e9),
        download_bytes=stats.download_bytes + outcome.download_bytes,
    )
