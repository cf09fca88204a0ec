"""The commits that a job reads, and the datums that are in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.pachd.pfs import records
from harness.pachd.pfs.keys import USER, Commit
from harness.pachd.pps import enumeration, inputs

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from harness.pachd.pfs.filesets import FileSets
    from harness.pachd.pfs.keys import Repo
    from harness.pachd.pfs.records import CommitRow
    from harness.pachd.pps.datums import Datum
    from harness.pachd.pps.keys import Job


@dataclass(frozen=True)
class JobInputs:
    """A job's input, and of each repo in it the commit that the job reads."""

    given: Any
    commits: dict[Repo, CommitRow]

    @property
    def finished(self) -> bool:
        """Whether everything is there to read."""
        return all(row.finished is not None for row in self.commits.values())

    @property
    def failed(self) -> list[str]:
        """The names of inputs whose commits finished with an error; crons are not looked at."""
        return [leaf.name for leaf in inputs.pfs_leaves(self.given) if self.commits[inputs.repo(leaf)].error]

    def hold(self, files: FileSets) -> None:
        """Keep what there is to read for as long as this object lives. Inside the snapshot that it was loaded from."""
        for row in self.commits.values():
            if row.root is not None:
                files.hold(self, row.root)

    def datums(self, files: FileSets) -> Iterator[Datum]:
        """All datums in enumeration order, anew each time. Raises GLOB_INVALID."""

        def read(leaf: Any) -> tuple[Commit, bytes]:
            row = self.commits[inputs.repo(leaf)]
            return row.key, row.root or b""

        return enumeration.enumerate_datums(self.given, enumeration.matching(files, read))


def load(conn: sqlite3.Connection, job: Job, given: Any) -> JobInputs:
    """What ``job`` reads: the commits in the direct provenance of its output commit; exact, whatever came later."""
    upstream = {commit.repo: commit.id for commit in records.get(conn, job.output).direct_provenance}
    commits = {}
    for leaf in inputs.leaves(given):
        repo = inputs.repo(leaf)
        # A forced deletion may have taken it away; the text then names what the job was to read.
        commits[repo] = records.get(conn, Commit(repo, upstream.get(repo.sibling(USER), job.id)))
    return JobInputs(given, commits)
