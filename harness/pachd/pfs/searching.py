"""Finding the commits that changed a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import commits, history, paths, roots

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.pachd.pfs.records import CommitRow
    from harness.pachd.pfs.version_store import VersionStore


def search(store: VersionStore, start: CommitRow, path: str) -> Iterator[tuple[CommitRow, bool]]:
    """Each commit from ``start`` along its parents, with whether it added, changed or deleted exactly ``path``.

    Costs the same for each commit however many files it has. Raises COMMIT_NOT_FINISHED.
    """
    exact = paths.to_read(path)
    pk: int | None = start.pk
    while pk is not None:
        with store.snapshot() as conn:
            rows, pk = history.line(conn, pk)
            contents = [(commits.content(conn, row), roots.settled(conn, row.parent_pk)) for row in rows]
            for row, pair in zip(rows, contents, strict=True):
                for root in pair:
                    store.files.hold(row, root)
        for row, (now, before) in zip(rows, contents, strict=True):
            if row.finished is None:
                raise errors.COMMIT_NOT_FINISHED(commit=row.key, id=row.key.id)
            yield row, store.files.at(now, exact) != store.files.at(before, exact)
