"""Zombies: files in a pipeline's output that no datum of the run accounts for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.pfs import records
from harness.pachd.pfs.keys import META, USER, Commit

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from harness.pachd.pfs.filesets import FileSets


def heads(conn: sqlite3.Connection) -> list[Commit]:
    """The head of every branch that a pipeline finished."""
    rows = records.select(
        conn,
        "WHERE c.pk IN (SELECT head FROM branches) AND c.finished IS NOT NULL AND c.error = '' AND r.type = ?"
        " ORDER BY c.pk",
        (USER,),
    )
    return [row.key for row in rows if _meta(conn, row.key) is not None]


def of(conn: sqlite3.Connection, files: FileSets, commit: Commit) -> Iterator[str]:
    """The zombies of one output commit, in words. A commit that no run made has none."""
    output, meta = records.get(conn, commit), _meta(conn, commit)
    if meta is None or meta.root is None or output.root is None:
        return
    files.hold(output, output.root)
    files.hold(meta, meta.root)
    known: dict[str, bool] = {}
    for file in files.walk(output.root):
        if file.datum not in known:
            known[file.datum] = bool(files.at(meta.root, f"/meta/{file.datum}/meta"))
        if not known[file.datum]:
            yield f"zombie file {file.path} in commit {commit}: its meta commit knows no datum {file.datum}"


def _meta(conn: sqlite3.Connection, commit: Commit) -> records.CommitRow | None:
    return records.find(conn, Commit(commit.repo.sibling(META), commit.id))
