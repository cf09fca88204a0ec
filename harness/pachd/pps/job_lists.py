"""Choosing among the stored jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.pachd.pfs import records
from harness.pachd.pps import jobs, versions

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from harness.pachd.pfs.keys import Commit
    from harness.pachd.pps.jobs import JobRow
    from harness.pachd.pps.keys import Pipeline


@dataclass(frozen=True)
class Selection:
    """Jobs of ``projects`` (none: all), newest first unless ``reverse``.

    ``marker`` (nanoseconds since the epoch) leaves out those created then or later; with ``reverse``, or earlier.
    """

    projects: frozenset[str]
    marker: int | None
    reverse: bool


def select(conn: sqlite3.Connection, selection: Selection) -> list[JobRow]:
    """The jobs of a selection in its order."""
    comparison, order = (">", "ASC") if selection.reverse else ("<", "DESC")
    # Jobs of one commit set are created at the same time and listed by key.
    by = f"ORDER BY created {order}, project, pipeline"
    if selection.marker is None:
        rows = jobs.select(conn, by)
    else:
        rows = jobs.select(conn, f"WHERE created {comparison} ? {by}", (selection.marker,))
    return [row for row in rows if not selection.projects or row.job.pipeline.project in selection.projects]


def of_set(conn: sqlite3.Connection, id_: str) -> list[JobRow]:
    """The jobs of a commit set; they were made in topological order."""
    return jobs.select(conn, "WHERE id = ? ORDER BY pk", (id_,))


def by_set(rows: Sequence[JobRow]) -> list[tuple[str, list[JobRow]]]:
    """Jobs by commit set: sets in order of their first job, jobs in topological order."""
    sets: dict[str, list[JobRow]] = {}
    for row in rows:
        sets.setdefault(row.job.id, []).append(row)
    return [(id_, sorted(members, key=lambda row: row.serial)) for id_, members in sets.items()]


def of_versions(conn: sqlite3.Connection, rows: Sequence[JobRow], earlier: int) -> list[JobRow]:
    """Those that ran with the current version of their pipeline or one of ``earlier`` ones before; -1 means all."""
    if earlier < 0:
        return list(rows)
    current = {version.pipeline: version.number for version in versions.listing(conn)}
    return [row for row in rows if row.version + earlier >= current.get(row.job.pipeline, 0)]


def read_by(conn: sqlite3.Connection, row: JobRow) -> set[Commit]:
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
