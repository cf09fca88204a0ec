"""The commits that a job reads, and the datums that are in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.pachd.pfs import reading, records
from harness.pachd.pfs.keys import USER, Commit
from harness.pachd.pps import enumeration, inputs
from harness.pachd.pps.datums import Source

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from harness.pachd.pfs.filesets import FileSets
    from harness.pachd.pfs.records import CommitRow
    from harness.pachd.pps.datums import Datum
    from harness.pachd.pps.enumeration import Matched
    from harness.pachd.pps.keys import Job


@dataclass(frozen=True)
class JobInputs:
    """The leaves of a job's input, by input name, and for each the commit that it reads."""

    given: Any
    commits: dict[str, CommitRow]

    @property
    def finished(self) -> bool:
        """Whether everything is there to read."""
        return all(row.finished is not None for row in self.commits.values())

    @property
    def failed(self) -> list[str]:
        """The names of inputs whose commits finished with an error."""
        return [name for name, row in self.commits.items() if row.error]

    def hold(self, files: FileSets) -> None:
        """Keep what there is to read for as long as this object lives. Inside the snapshot that it was loaded from."""
        for row in self.commits.values():
            if row.root is not None:
                files.hold(self, row.root)

    def datums(self, files: FileSets) -> Iterator[Datum]:
        """All datums in enumeration order, anew each time. Raises GLOB_INVALID."""

        def match(leaf: Any) -> tuple[Source, Iterable[Matched]]:
            row = self.commits[leaf.name]
            source = Source(leaf, row.key, row.root or b"")
            return source, reading.glob(files, source.root, leaf.glob)

        return enumeration.enumerate_datums(self.given, match)


def load(conn: sqlite3.Connection, job: Job, given: Any) -> JobInputs:
    """What ``job`` reads: the commits in the direct provenance of its output commit; exact, whatever came later."""
    upstream = {commit.repo: commit.id for commit in records.get(conn, job.output).direct_provenance}
    commits = {}
    for leaf in inputs.leaves(given):
        repo = inputs.repo(leaf)
        # A forced deletion may have taken it away; the text then names what the job was to read.
        commits[leaf.name] = records.get(conn, Commit(repo, upstream.get(repo.sibling(USER), job.id)))
    return JobInputs(given, commits)
