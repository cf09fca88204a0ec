"""Making a job's output and meta commit: what its base has, without what is gone, with what it executed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.pfs import records
from harness.pachd.pfs.filesets import File
from harness.pachd.pps import results
from harness.pachd.pps.execution import output_folder

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from harness.pachd.pfs.filesets import FileSets
    from harness.pachd.pps.datums import Datum
    from harness.pachd.pps.keys import Job
    from harness.pachd.pps.materials import Materials


class Composition:
    """The changes that a job makes to the content of its output and meta commits."""

    def __init__(self, files: FileSets, materials: Materials, conn: sqlite3.Connection, job: Job) -> None:
        self._files = files
        self._materials = materials
        self._meta_base = records.base_root(conn, job.meta)
        self._output = files.edit(records.base_root(conn, job.output))
        self._meta = files.edit(self._meta_base)

    def remove(self, datum_ids: Iterable[str]) -> None:
        """Take out everything that these datums of the base gave."""
        for datum in datum_ids:
            folder = output_folder(datum)
            for prefix in (f"/meta/{datum}/", f"/pfs/{datum}/"):
                for file in self._files.walk(self._meta_base, prefix):
                    self._meta.delete(file.path, file.datum)
                    if file.path.startswith(folder):
                        self._output.delete("/" + file.path[len(folder) :], datum)

    def add(self, conn: sqlite3.Connection, job: Job, datums: Iterable[Datum]) -> None:
        """Put in what the job's executed ``datums`` read and wrote."""
        for datum, path, content in results.files(conn, job):
            self._meta.put(path, datum, content)
            folder = output_folder(datum)
            if path.startswith(folder):
                self._output.put("/" + path[len(folder) :], datum, content)
        for each in datums:
            self._meta.insert_all(self._inputs(each))

    def save(self, conn: sqlite3.Connection) -> tuple[bytes, bytes]:
        """The roots of output and meta commit, saved in the transaction of ``conn``."""
        return self._output.save(conn), self._meta.save(conn)

    def _inputs(self, datum: Datum) -> Iterator[File]:
        for name, file in self._materials.files(datum):
            yield File(f"/pfs/{datum.id}/{name}{file.path}", datum.id, file.content)
