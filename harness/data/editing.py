"""Edits of a TSV of labelled reviews. What an edit does not concern stays as it is, byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.data.tsv import DataError, row_id

if TYPE_CHECKING:
    from collections.abc import Collection


def remove_rows(tsv: bytes, ids: Collection[str]) -> bytes:
    """``tsv`` without the reviews called ``ids`` (without quotes). Raises :class:`DataError` for an id it has not."""
    header, *lines = tsv.split(b"\n")
    unknown = set(ids) - {row_id(line) for line in lines}
    if unknown:
        raise DataError(f"cannot remove what is not there: no review is called {', '.join(sorted(unknown))}")
    return b"\n".join([header, *(line for line in lines if row_id(line) not in ids)])


def add_row(tsv: bytes, id: str, sentiment: int, review: str) -> bytes:  # noqa: A002 -- the column's name
    """``tsv`` with one more review at its end. Raises :class:`DataError` when the file could not be read afterwards."""
    if sentiment not in {0, 1}:
        raise DataError(f"cannot add review {id}: its sentiment must be 0 or 1, not {sentiment!r}")
    if not id.strip() or {"\t", "\n", "\r"} & set(id + review) or '"' in id:
        raise DataError(f"cannot add review {id!r}: no tab or line break may be in it, and no quote in its id")
    if id in map(row_id, tsv.split(b"\n")[1:]):
        raise DataError(f"cannot add review {id}: there is one of that name already")
    quoted = review.replace('"', '\\"')  # Kaggle's way
    return tsv.removesuffix(b"\n") + f'\n"{id}"\t{sentiment}\t"{quoted}"\n'.encode()
