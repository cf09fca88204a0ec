"""Making a job's output and meta commit: what its base has, without what is gone, with what it executed."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from harness.pachd.pfs import records
from harness.pachd.pfs.filesets import File
from harness.pachd.pps import results
from harness.pachd.pps.execution import output_folder

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from harness.pachd.pps.datums import Datum
    from harness.pachd.pps.keys import Job
    from harness.pachd.pps.roster import Roster
    from harness.pachd.pps.tools import Tools
    from harness.pachd.store.contents import Content

_MOST_CHANGES = 5_000  # that are gathered in memory, a kilobyte each; some dozen milliseconds of a transaction

_DATUMS = 1000  # that are read in one snapshot


class Composition:
    """The changes that a job makes to the content of its output and meta commits.

    Many are saved in portions, in transactions of their own: nothing names what they give but this object, until the
    job's end does.
    """

    def __init__(self, tools: Tools, job: Job) -> None:
        self._db = tools.store.db
        self._files = tools.store.files
        self._materials = tools.materials
        self._job = job
        with tools.store.snapshot() as conn:
            self._meta_base = records.base_root(conn, job.meta)
            self._files.hold(self, self._meta_base)
            self._output = self._files.edit(records.base_root(conn, job.output))
            self._meta = self._files.edit(self._meta_base)
        self._changes = 0

    def remove(self, datum_ids: Iterable[str]) -> None:
        """Take out everything that these datums of the base gave."""
        for datum in datum_ids:
            folder = output_folder(datum)
            self._meta.delete(f"/meta/{datum}/meta", datum)
            for file in self._files.walk(self._meta_base, f"/pfs/{datum}/"):
                self._meta.delete(file.path, file.datum)
                if file.path.startswith(folder):
                    self._output.delete("/" + file.path[len(folder) :], datum)
                self._count()

    def add(self, roster: Roster) -> None:
        """Put in what the job's executed datums read and wrote."""
        last: str | None = ""
        while last is not None:
            with self._db.read() as conn:  # a long snapshot would keep the write-ahead log from being cut
                last = self._add_some(conn, roster, last)

    def _add_some(self, conn: sqlite3.Connection, roster: Roster, after: str) -> str | None:
        last = None
        for last, rows in groupby(results.files(conn, self._job, after, _DATUMS), itemgetter(0)):
            for _, path, content in rows:
                self._add(last, path, content)
            for file in self._inputs(roster.get(last)):
                self._meta.put(file.path, last, file.content)
                self._count()
        return last

    def save(self, conn: sqlite3.Connection) -> tuple[bytes, bytes]:
        """The roots of output and meta commit, saved in the transaction of ``conn``."""
        return self._output.save(conn), self._meta.save(conn)

    def keep(self) -> bytes:
        """Save what there is so far; the root of the output, which stays as long as this object."""
        with self._db.write() as conn:
            output, meta = self.save(conn)
            self._output, self._meta = self._files.edit(output), self._files.edit(meta)
        self._changes = 0
        return output

    def _add(self, datum: str, path: str, content: Content) -> None:
        self._meta.put(path, datum, content)
        folder = output_folder(datum)
        if path.startswith(folder):
            self._output.put("/" + path[len(folder) :], datum, content)
        self._count()

    def _count(self) -> None:
        self._changes += 1
        if self._changes == _MOST_CHANGES:
            self.keep()

    def _inputs(self, datum: Datum) -> Iterator[File]:
        for name, file in self._materials.files(datum):
            yield File(f"/pfs/{datum.id}/{name}{file.path}", datum.id, file.content)
