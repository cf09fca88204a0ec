"""How executed datums ended, kept as they end, so that a restarted server goes on where it was."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from harness.pachd.pps import jobs
from harness.pachd.pps.states import DatumState
from harness.pachd.store.contents import Content

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from harness.pachd.pfs.txn import Txn
    from harness.pachd.pps.counters import Counters
    from harness.pachd.pps.keys import Job
    from harness.pachd.store.objects import Objects


@dataclass(frozen=True)
class Stats:
    """What executing a datum cost, over all attempts; times in nanoseconds."""

    download_time: int = 0
    process_time: int = 0
    upload_time: int = 0
    download_bytes: int = 0
    upload_bytes: int = 0


@dataclass(frozen=True)
class Result:
    """One executed datum. ``meta`` is the JSON of its ``datum.Meta``, ``env`` what its ``/pfs/.env`` said.

    ``files`` is what it adds to the meta commit, inputs left out: paths there, and contents. Meta and environment are
    among them once they are stored, see :func:`store`.
    """

    datum: str
    hash: str
    state: DatumState
    reason: str
    meta: str
    env: bytes
    files: tuple[tuple[str, Content], ...]
    stats: Stats


@dataclass(frozen=True)
class Record:
    """A stored result; its files are read by :func:`files`."""

    number: int
    job_id: str
    datum: str
    hash: str
    state: DatumState
    reason: str
    meta: str


class End(NamedTuple):
    """A :class:`Record` without its texts."""

    number: int
    datum: str
    hash: str
    state: DatumState


_COLUMNS = "pk, job, datum, hash, state, reason, meta"


def store(objects: Objects, made: Sequence[Result]) -> list[Result]:
    """``made`` with meta and environment among the files. For many at once, because that takes half as long."""
    contents = iter(objects.put_all([text for result in made for text in (result.meta.encode(), result.env)]))
    return [
        replace(
            result,
            files=(
                (f"/meta/{result.datum}/meta", next(contents)),
                (f"/pfs/{result.datum}/.env", next(contents)),
                *result.files,
            ),
        )
        for result in made
    ]


def counted(counters: Counters, made: Sequence[Result]) -> Counters:
    """``counters`` with these datums added."""
    states = Counter(result.state for result in made)
    return replace(
        counters,
        processed=counters.processed + states[DatumState.SUCCESS],
        failed=counters.failed + states[DatumState.FAILED],
        recovered=counters.recovered + states[DatumState.RECOVERED],
        **{
            field.name: getattr(counters, field.name) + sum(getattr(result.stats, field.name) for result in made)
            for field in fields(Stats)
        },
    )


def keep(txn: Txn, job: Job, made: Iterable[Result]) -> None:
    """Store results of datums that ``job`` executed."""
    key = jobs.key(job)
    rows = []
    for result in made:
        cursor = txn.conn.execute(
            "INSERT INTO datum_records (project, pipeline, job, datum, hash, state, reason, meta) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*key, result.datum, result.hash, result.state, result.reason, result.meta),
        )
        rows += [(cursor.lastrowid, path, content.hash, content.size) for path, content in result.files]
    txn.conn.executemany("INSERT INTO datum_files VALUES (?, ?, ?, ?)", rows)


def of_job(conn: sqlite3.Connection, job: Job, after: str = "", most: int = -1) -> list[Record]:
    """What ``job`` executed so far, by datum id: behind ``after``, and at most so many."""
    query = (
        f"SELECT {_COLUMNS} FROM datum_records WHERE project = ? AND pipeline = ? AND job = ? AND datum > ? "  # noqa: S608
        "ORDER BY datum LIMIT ?"
    )
    return [_record(row) for row in conn.execute(query, (*jobs.key(job), after, most))]


def find(conn: sqlite3.Connection, job: Job, datum: str) -> Record | None:
    """What ``job`` executed as that datum."""
    query = f"SELECT {_COLUMNS} FROM datum_records WHERE project = ? AND pipeline = ? AND job = ? AND datum = ?"  # noqa: S608
    row = conn.execute(query, (*jobs.key(job), datum)).fetchone()
    return _record(row) if row is not None else None


def ends(conn: sqlite3.Connection, job: Job) -> Iterator[End]:
    """How the datums that ``job`` executed so far ended, by datum id."""
    query = (
        "SELECT pk, datum, hash, state FROM datum_records WHERE project = ? AND pipeline = ? AND job = ? ORDER BY datum"
    )
    for number, datum, hash_, state in conn.execute(query, jobs.key(job)):
        yield End(number, datum, hash_, DatumState(state))


def numbered(conn: sqlite3.Connection, number: int) -> Record | None:
    """The record of that number."""
    row = conn.execute(f"SELECT {_COLUMNS} FROM datum_records WHERE pk = ?", (number,)).fetchone()  # noqa: S608
    return _record(row) if row is not None else None


def files(conn: sqlite3.Connection, job: Job, after: str, most: int) -> Iterator[tuple[str, str, Content]]:
    """(datum id, path in the meta commit, content) of what the job's datums add, inputs left out, by datum id.

    Of so many datums behind the one of id ``after``.
    """
    rows = conn.execute(
        "SELECT datum, path, f.hash, size FROM (SELECT pk, datum FROM datum_records "
        "WHERE project = ? AND pipeline = ? AND job = ? AND datum > ? ORDER BY datum LIMIT ?) AS r "
        "CROSS JOIN datum_files AS f ON f.record = r.pk",
        (*jobs.key(job), after, most),
    )
    for datum, path, hash_, size in rows:
        yield datum, path, Content(hash_, size)


def contents(conn: sqlite3.Connection) -> Iterator[bytes]:
    """The hash of every content that an unfinished job has stored."""
    return (hash_ for (hash_,) in conn.execute("SELECT DISTINCT hash FROM datum_files"))


def settle(txn: Txn, job: Job) -> None:
    """Forget the files of a job's results: they are in its commits, or it failed to make any."""
    txn.conn.execute(
        "DELETE FROM datum_files WHERE record IN "
        "(SELECT pk FROM datum_records WHERE project = ? AND pipeline = ? AND job = ?)",
        jobs.key(job),
    )


def forget(txn: Txn, job: Job) -> None:
    """Forget everything that ``job`` executed: it starts again."""
    txn.conn.execute("DELETE FROM datum_records WHERE project = ? AND pipeline = ? AND job = ?", jobs.key(job))


def _record(row: Sequence[Any]) -> Record:
    number, job_id, datum, hash_, state, reason, meta = row
    return Record(number, job_id, datum, hash_, DatumState(state), reason, meta)
