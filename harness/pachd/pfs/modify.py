"""Changing the files of a commit: which commit that is, and the operations on it."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from harness.pachd.errors import Code, PachError
from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import commits, contents, paths, records, temporary
from harness.pachd.pfs.keys import Branch, is_commit_id
from harness.pachd.pfs.resolve import Reference, resolve

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from harness.pachd.pfs.edits import Edit
    from harness.pachd.pfs.filesets import File, FileSets
    from harness.pachd.pfs.records import CommitRow
    from harness.pachd.pfs.txn import Txn


def target(conn: sqlite3.Connection, reference: Reference) -> CommitRow | Branch:
    """What ModifyFile's ``set_commit`` asks for: an open commit to write into, or a branch for a commit of its own.

    Raises ALREADY_FINISHED where a finished commit is named by its id, and what resolving and starting raise.
    """
    branch, id_ = reference.branch, reference.id
    if not branch and not is_commit_id(id_):
        branch, id_ = id_, ""
    try:
        row = resolve(conn, reference.repo, reference.branch, reference.id)
    except PachError as error:
        if error.code is not Code.NOT_FOUND or not branch:
            raise
    else:
        if row.finishing is None:
            return row
        if id_:
            raise errors.ALREADY_FINISHED(commit=row.key)
    own = Branch(reference.repo, branch)
    commits.startable(conn, own)
    return own


def apply(txn: Txn, reference: Reference, edit: Edit) -> None:
    """Apply the operations that ``edit`` holds to the commit that is meant, in a commit of their own where need be."""
    aim = target(txn.conn, reference)
    commit = commits.start(txn, aim) if isinstance(aim, Branch) else aim.key
    base = contents.open_root(txn.conn, records.get(txn.conn, commit))
    commits.write(txn, commit, edit.save(txn.conn, base))
    if isinstance(aim, Branch):
        commits.finish(txn, commit)


def add_file_set(txn: Txn, reference: Reference, id_: str) -> None:
    """AddFileSet: do in an open commit what a file set does. Raises ALREADY_FINISHED, FILE_SET_NOT_FOUND."""
    row = resolve(txn.conn, reference.repo, reference.branch, reference.id)
    if row.finishing is not None:
        raise errors.ALREADY_FINISHED(commit=row.key)
    files = txn.store.files
    edit = files.edit(contents.open_root(txn.conn, row))
    temporary.get(txn.conn, id_, txn.now).operations.apply(files, edit)
    commits.write(txn, row.key, edit.save(txn.conn))


def delete(edit: Edit, path: str, datum: str) -> None:
    """DeleteFile: a file, or with a trailing slash everything below a directory."""
    cleaned = paths.to_delete(path)
    if cleaned.endswith("/"):
        edit.delete_below(cleaned)
    else:
        edit.delete(cleaned, datum)


def copied(files: FileSets, root: bytes, path: str, datum: str, destination: str) -> Iterator[tuple[str, File]]:
    """What CopyFile copies: each file at or below ``path``, with the path that it gets."""
    source = paths.to_read(path).rstrip("/")
    base = paths.to_delete(destination).rstrip("/")
    for file in chain(files.at(root, source), files.walk(root, f"{source}/")):
        if datum in ("", file.datum):
            yield paths.to_write(base + file.path[len(source) :] or "/"), file
