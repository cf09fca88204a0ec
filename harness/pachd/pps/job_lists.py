"""Choosing among the stored jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.pachd.pfs import records
from harness.pachd.pps import jobs

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from harness.pachd.pfs.keys import Commit
    from harness.pachd.pfs.version_store import VersionStore
    from harness.pachd.pps.jobs import JobRow
    from harness.pachd.pps.keys import Pipeline

PAGE = 200

_OF_RECENT_VERSION = (
    "version + ? >= (SELECT COALESCE(MAX(p.version), 0) FROM pipelines AS p"
    " WHERE p.project = jobs.project AND p.name = jobs.pipeline)"
)


@dataclass(frozen=True)
class Selection:
    """Jobs of ``projects`` (none: all) and of ``pipeline``, if given; newest first unless ``reverse``.

    Those that ran with the current version of their pipeline or one of ``earlier`` ones before; -1 means all.
    ``marker`` (nanoseconds since the epoch) leaves out those created then or later; with ``reverse``, or earlier.
    Jobs need to have read all commits in ``read``.
    """

    projects: frozenset[str] = frozenset()
    pipeline: Pipeline | None = None
    earlier: int = -1
    marker: int | None = None
    reverse: bool = False
    read: frozenset[Commit] = frozenset()

    def conditions(self) -> Iterator[tuple[str, tuple[object, ...]]]:
        """Conditions in SQL, and their values; ``projects`` and ``read`` are not among them."""
        if self.pipeline is not None:
            yield "(project, pipeline) = (?, ?)", (self.pipeline.project, self.pipeline.name)
        if self.earlier >= 0:
            yield _OF_RECENT_VERSION, (min(self.earlier, 2**31),)
        if self.marker is not None:
            yield f"created {self._beyond} ?", (self.marker,)

    def after(self, row: JobRow) -> tuple[str, tuple[object, ...]]:
        """The condition that leaves out everything up to ``row``."""
        # Jobs of one commit set are created at the same time and listed by key.
        text = f"(created {self._beyond} ? OR created = ? AND (project, pipeline, id) > (?, ?, ?))"
        return text, (row.created, row.created, *jobs.key(row.job))

    def shows(self, row: JobRow) -> bool:
        """Whether the row's project is one of those asked for, of which there may be any number."""
        return not self.projects or row.job.pipeline.project in self.projects

    @property
    def order(self) -> str:
        """``ORDER BY`` in SQL."""
        return f"ORDER BY created {'ASC' if self.reverse else 'DESC'}, project, pipeline, id"

    @property
    def _beyond(self) -> str:
        return ">" if self.reverse else "<"


def select(store: VersionStore, selection: Selection) -> Iterator[JobRow]:
    """The jobs of a selection in its order. Each page is of its own moment: whoever reads slowly holds no snapshot."""
    conditions = list(selection.conditions())
    page: list[JobRow] = []
    while True:
        chosen = conditions + [selection.after(row) for row in page[-1:]]
        where = "".join(f"{'AND' if number else 'WHERE'} {text} " for number, (text, _) in enumerate(chosen))
        values = [value for _, values in chosen for value in values]
        with store.snapshot() as conn:
            page = jobs.select(conn, f"{where}{selection.order} LIMIT {PAGE}", values)
            shown = filter(selection.shows, page)
            wanted = [row for row in shown if not selection.read or selection.read <= _read_by(conn, row)]
        yield from wanted
        if len(page) < PAGE:
            return


def sets(store: VersionStore, selection: Selection) -> Iterator[list[JobRow]]:
    """The jobs of a selection by commit set: sets in order of their first job, jobs in topological order."""
    seen = set()
    for row in select(store, selection):
        if row.job.id not in seen:
            seen.add(row.job.id)
            with store.snapshot() as conn:
                members = of_set(conn, row.job.id)
            yield list(filter(selection.shows, members))


def of_set(conn: sqlite3.Connection, id_: str) -> list[JobRow]:
    """The jobs of a commit set; they were made in topological order."""
    return jobs.select(conn, "WHERE id = ? ORDER BY pk", (id_,))


def _read_by(conn: sqlite3.Connection, row: JobRow) -> set[Commit]:
    """The commits that a job's output commit directly comes from."""
    found = records.find(conn, row.job.output)
    return set(found.direct_provenance) if found is not None else set()


def newest(conn: sqlite3.Connection) -> int:
    """The serial number of the job that was created last, 0 where there is none."""
    return int(conn.execute("SELECT COALESCE(MAX(pk), 0) FROM jobs").fetchone()[0])


def since(conn: sqlite3.Connection, pipeline: Pipeline, serial: int) -> list[JobRow]:
    """The pipeline's jobs created behind that serial number, oldest first."""
    clauses = "WHERE pk > ? AND project = ? AND pipeline = ? ORDER BY pk"
    return jobs.select(conn, clauses, (serial, pipeline.project, pipeline.name))
