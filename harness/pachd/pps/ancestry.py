"""Names of earlier versions of a pipeline: ``name^``, ``name^2``, ``name~2``."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.pachd.errors import pps as errors
from harness.pachd.pps import versions

if TYPE_CHECKING:
    import sqlite3

    from harness.pachd.pps.keys import Pipeline
    from harness.pachd.pps.versions import Version

_DIGITS = 18
_MARK = re.compile(r"[\^~.]")


def resolve(conn: sqlite3.Connection, asked: Pipeline) -> Version:
    """The version that a name with an optional suffix means.

    Raises PIPELINE_NOT_INSPECTED, TOO_FEW_VERSIONS, MIXED_ANCESTRY, FUTURE_PIPELINE.
    """
    base, back = _split(asked.name)
    pipeline = replace(asked, name=base)
    found = versions.history(conn, pipeline, back + 1)
    if not found:
        raise errors.PIPELINE_NOT_INSPECTED(pipeline=pipeline)
    if len(found) <= back:
        raise errors.TOO_FEW_VERSIONS(pipeline=pipeline, versions=len(found), ancestor=back)
    return found[back]


def _split(name: str) -> tuple[str, int]:
    match = _MARK.search(name)
    if match is None:
        return name, 0
    base, mark, rest = name[: match.start()], match.group(), name[match.end() :]
    if mark == ".":
        raise errors.FUTURE_PIPELINE()
    if rest.isascii() and rest.isdigit():
        return base, int(rest) if len(rest) < _DIGITS else 10**_DIGITS  # more than there can be
    other = next((char for char in rest if char != mark), None)
    if other is not None:
        raise errors.MIXED_ANCESTRY(text=name, first=mark, second=other)
    return base, len(rest) + 1
