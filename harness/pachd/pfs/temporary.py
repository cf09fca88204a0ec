"""The file sets that clients make: operations with an id and a life that ends unless it is renewed.

Nothing watches the clock. A file set whose time is over is not found any more; its row goes when the next one is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.pachd.errors import pfs as errors
from harness.pachd.pfs.keys import Branch, Commit, Repo, new_id
from harness.pachd.pfs.names import RESERVED_REPO
from harness.pachd.pfs.operations import Operations
from harness.pachd.pfs.records import CommitRow
from harness.pachd.pfs.schedules import SECOND
from harness.pachd.store.collecting import GARBAGE
from harness.pachd.store.trees import EMPTY

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from harness.pachd.pfs.edits import Edit
    from harness.pachd.pfs.filesets import FileSets
    from harness.pachd.pfs.txn import Txn

LIFE = 10 * 60 * SECOND  # of a file set that nobody renews (Pachyderm 2.7)
LONGEST_LIFE = 30 * 60 * SECOND

DESCRIPTION = "FileSet - Virtual Commit"
SHARD_FILES = 100_000
SHARD_BYTES = 2**30


@dataclass(frozen=True)
class FileSet:
    """What a file set does, and ``content``, the root of what it gives where nothing was."""

    id: str
    operations: Operations
    content: bytes

    @property
    def commit(self) -> CommitRow:
        """The commit that it looks like to those who read it: finished at the epoch."""
        repo = Repo("default", RESERVED_REPO)
        return CommitRow(
            pk=0,
            key=Commit(repo, self.id),
            branch=Branch(repo, ""),
            origin="ORIGIN_KIND_UNKNOWN",
            description=DESCRIPTION,
            parent=None,
            parent_pk=None,
            started=0,
            finishing=None,
            finished=0,
            error="",
            root=self.content,
            size=None,
            direct_provenance=(),
        )


def create(txn: Txn, edit: Edit, life: int = LIFE) -> str:
    """Keep what ``edit``, made over nothing, holds. The new file set's id."""
    return _insert(txn, edit.operations(txn.conn), edit.save(txn.conn, EMPTY), life)


def snapshot(txn: Txn, root: bytes) -> str:
    """A file set that adds the files of ``root``; its id."""
    return _insert(txn, Operations(appended=root), root, LIFE)


def compose(txn: Txn, ids: list[str], life: int) -> str:
    """A file set that does what those with these ids do, one after the other; its id. Raises FILE_SET_NOT_FOUND."""
    files = txn.store.files
    edit = files.edit(EMPTY)
    for id_ in ids:
        get(txn.conn, id_, txn.now).operations.apply(files, edit)
    return create(txn, edit, life)


def get(conn: sqlite3.Connection, id_: str, now: int) -> FileSet:
    """The file set with that id; raises FILE_SET_NOT_FOUND, also where its life is over at ``now``."""
    row = conn.execute(
        "SELECT content, deletions, replaced, appended FROM file_sets WHERE id = ?"
        " AND (expires > ? OR id IN (SELECT file_set FROM cache_file_sets))",
        (id_, now),
    ).fetchone()
    if row is None:
        raise errors.FILE_SET_NOT_FOUND(id=id_)
    return FileSet(id_, Operations.load(row["deletions"], row["replaced"], row["appended"]), row["content"])


def life(seconds: int) -> int:
    """A life that a client asks for, in nanoseconds. Raises FILE_SET_LIFE_SHORT, FILE_SET_LIFE_LONG."""
    asked = seconds * SECOND
    if asked < SECOND:
        raise errors.FILE_SET_LIFE_SHORT(nanoseconds=asked)
    if asked > LONGEST_LIFE:
        raise errors.FILE_SET_LIFE_LONG(nanoseconds=asked, most=LONGEST_LIFE)
    return asked


def renew(txn: Txn, id_: str, life_: int) -> None:
    """Let the file set live for ``life_`` nanoseconds from now. Raises FILE_SET_NOT_FOUND."""
    get(txn.conn, id_, txn.now)
    txn.conn.execute("UPDATE file_sets SET expires = ? WHERE id = ?", (txn.now + life_, id_))


def remove_expired(conn: sqlite3.Connection, now: int) -> int:
    """Remove the file sets whose life is over and that no cache entry keeps; how many those were."""
    return conn.execute(
        "DELETE FROM file_sets WHERE expires <= ? AND id NOT IN (SELECT file_set FROM cache_file_sets)", (now,)
    ).rowcount


def roots(conn: sqlite3.Connection) -> Iterator[bytes]:
    """Every root that the tables name."""
    for row in conn.execute("SELECT content, replaced, appended FROM file_sets"):
        yield from row


def shards(
    files: FileSets, root: bytes, most_files: int = SHARD_FILES, most_bytes: int = SHARD_BYTES
) -> Iterator[tuple[str, str]]:
    """Ranges ``lower <= path < upper`` of about as much work; together they hold every path, and none is empty."""
    lower, previous, count, size = "", "", 0, 0
    for file in files.walk(root):
        if file.path != previous and (count >= most_files or size >= most_bytes):
            yield lower, file.path
            lower, count, size = file.path, 0, 0
        previous, count, size = file.path, count + 1, size + file.content.size
    yield lower, ""


def _insert(txn: Txn, operations: Operations, content: bytes, life_: int) -> str:
    if remove_expired(txn.conn, txn.now):
        txn.publish(GARBAGE)
    id_ = new_id()
    txn.conn.execute(
        "INSERT INTO file_sets (id, content, deletions, replaced, appended, expires) VALUES (?, ?, ?, ?, ?, ?)",
        (id_, content, operations.deletions(), operations.replaced, operations.appended, txn.now + life_),
    )
    return id_
