"""Kaggle's format of labelled reviews: a header line, then id, sentiment and review with tabs between them."""

from __future__ import annotations

from dataclasses import dataclass

HEADER = b"id\tsentiment\treview"


class DataError(Exception):
    """Data that cannot be used; the message says which, where and what to do."""


@dataclass(frozen=True)
class Row:
    """One review. ``id`` and ``review`` stand without the quotes that the file has around them."""

    line: int
    id: str
    sentiment: int
    review: str


def parse(data: bytes, name: str) -> list[Row]:
    """The reviews in ``data``, in file order. Raises :class:`DataError` with ``name`` and the line that is wrong."""
    lines = split_lines(data)
    if len(lines) < 2:
        raise DataError(f"{name} holds no reviews: expected a header line and a review in every further one")
    if lines[0].rstrip(b"\r").lower() != HEADER:
        raise DataError(f"{name}, line 1: expected the header id, sentiment, review with tabs between them")
    return [_row(line, number, name) for number, line in enumerate(lines[1:], start=2)]


def split_lines(data: bytes) -> list[bytes]:
    """The lines of ``data`` without their line feeds. One at the end of the last line begins no further line."""
    lines = data.split(b"\n")
    return lines[:-1] if lines[-1] == b"" else lines


def row_id(line: bytes) -> str:
    """The id in a line, without quotes."""
    return line.split(b"\t", 1)[0].strip().strip(b'"').decode("utf-8", "replace")


def _row(line: bytes, number: int, name: str) -> Row:
    try:
        fields = line.decode().strip().split("\t")
    except UnicodeDecodeError as error:
        raise DataError(f"{name}, line {number}: not UTF-8 at byte {error.start}; save the file as UTF-8") from error
    if len(fields) != 3:
        raise DataError(f"{name}, line {number}: expected three fields with tabs between them, found {len(fields)}")
    if fields[1] not in {"0", "1"}:
        raise DataError(f"{name}, line {number}: the sentiment must be 0 or 1, found {fields[1][:20]!r}")
    return Row(number, row_id(line), int(fields[1]), fields[2].removeprefix('"').removesuffix('"'))
