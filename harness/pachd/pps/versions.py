"""The stored versions of pipelines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from python_pachyderm.proto.v2.pps import pps_pb2

from harness.pachd.errors import pps as errors
from harness.pachd.pfs.keys import Branch
from harness.pachd.pps.keys import Job, Pipeline
from harness.pachd.pps.states import PipelineKind, PipelineState

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from harness.pachd.pfs.txn import Txn

# Scheduler and clients look again when this is published.
TOPIC = ("pipelines",)

_MOST = 2**63 - 1  # what the database takes

_COLUMNS = "pk, project, name, version, spec, branch, created, stopped, state, reason, info"


@dataclass(frozen=True)
class Version:
    """One version of a pipeline. ``spec`` is the id of its spec commit, ``branch`` the name of its output branch.

    ``serial`` is never used again, also where a pipeline of that name is deleted and made anew.
    """

    serial: int
    pipeline: Pipeline
    number: int
    spec: str
    branch: str
    created: int
    stopped: bool
    state: PipelineState
    reason: str
    serialized: bytes

    @property
    def info(self) -> Any:
        """The ``pps_v2.PipelineInfo`` as created; do not change it."""
        return _parsed(self.serialized)

    @property
    def kind(self) -> PipelineKind:
        """What runs in it."""
        return PipelineKind(self.info.type)

    def ran(self, job: Job, number: int) -> bool:
        """Whether a job that ran with the version of that number ran with this one."""
        return (job.pipeline, number) == (self.pipeline, self.number)

    @property
    def output_branch(self) -> Branch:
        """Where its jobs put their results."""
        return Branch(self.pipeline.output, self.branch)

    @property
    def meta_branch(self) -> Branch:
        """Where its jobs say how they processed their datums."""
        return Branch(self.pipeline.meta, self.branch)


def current(conn: sqlite3.Connection, pipeline: Pipeline) -> Version | None:
    """The highest version, None where there is no such pipeline."""
    return next(iter(history(conn, pipeline, 1)), None)


def get(conn: sqlite3.Connection, pipeline: Pipeline) -> Version:
    """The highest version; raises PIPELINE_NOT_FOUND."""
    found = current(conn, pipeline)
    if found is None:
        raise errors.PIPELINE_NOT_FOUND(pipeline=pipeline)
    return found


def numbered(conn: sqlite3.Connection, pipeline: Pipeline, number: int) -> Version:
    """That version; raises PIPELINE_NOT_FOUND."""
    query = f"SELECT {_COLUMNS} FROM pipelines WHERE project = ? AND name = ? AND version = ?"  # noqa: S608 -- constants
    row = conn.execute(query, (pipeline.project, pipeline.name, number)).fetchone()
    if row is None:
        raise errors.PIPELINE_NOT_FOUND(pipeline=pipeline)
    return _version(row)


def history(conn: sqlite3.Connection, pipeline: Pipeline, number: int = -1) -> list[Version]:
    """The ``number`` highest versions, newest first; all of them where ``number`` is negative."""
    query = f"SELECT {_COLUMNS} FROM pipelines WHERE project = ? AND name = ? ORDER BY version DESC LIMIT ?"  # noqa: S608
    return [_version(row) for row in conn.execute(query, (pipeline.project, pipeline.name, min(number, _MOST)))]


def listing(conn: sqlite3.Connection, earlier: int = 0) -> list[Version]:
    """All pipelines, most recently created or updated first, with ``earlier`` versions of each; -1 means all."""
    query = f"""
        SELECT {_COLUMNS} FROM pipelines AS this WHERE ? < 0 OR version + ? >= (
            SELECT MAX(version) FROM pipelines WHERE project = this.project AND name = this.name
        ) ORDER BY pk DESC"""  # noqa: S608 -- constants
    return [_version(row) for row in conn.execute(query, (earlier, earlier))]


def insert(txn: Txn, info: Any, spec: str, *, stopped: bool) -> None:
    """Keep a new version; ``info.version`` is its number."""
    details, pipeline = info.details, info.pipeline
    row = (
        *(None, pipeline.project.name, pipeline.name, info.version, spec, details.output_branch, txn.now, stopped),
        *(PipelineState.STARTING, "", info.SerializeToString()),
    )
    txn.conn.execute(f"INSERT INTO pipelines ({_COLUMNS}) VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608
    txn.publish(TOPIC)


def set_state(txn: Txn, version: Version, state: PipelineState, reason: str = "") -> None:
    """Move that version to ``state``; it may be gone by now."""
    key = (version.pipeline.project, version.pipeline.name, version.number)
    txn.conn.execute(
        "UPDATE pipelines SET state = ?, reason = ? WHERE project = ? AND name = ? AND version = ?",
        (state, reason, *key),
    )
    txn.publish(TOPIC)


def set_stopped(txn: Txn, version: Version, *, stopped: bool) -> None:
    """Say whether that version is wanted to run."""
    key = (version.pipeline.project, version.pipeline.name, version.number)
    txn.conn.execute("UPDATE pipelines SET stopped = ? WHERE project = ? AND name = ? AND version = ?", (stopped, *key))
    txn.publish(TOPIC)


def delete(txn: Txn, pipeline: Pipeline) -> None:
    """Forget every version."""
    txn.conn.execute("DELETE FROM pipelines WHERE project = ? AND name = ?", (pipeline.project, pipeline.name))
    txn.publish(TOPIC)


# Rows are read at every change of any job, and parsing takes a hundred times as long as reading.
@lru_cache(256)
def _parsed(serialized: bytes) -> Any:
    return pps_pb2.PipelineInfo.FromString(serialized)


def _version(row: Sequence[Any]) -> Version:
    serial, project, name, number, spec, branch, created, stopped, state, reason, info = row
    return Version(
        *(
            serial,
            Pipeline(project, name),
            number,
            spec,
            branch,
            created,
            bool(stopped),
            PipelineState(state),
            reason,
            info,
        )
    )
