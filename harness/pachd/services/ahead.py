"""Getting the next piece ready while the last one is on its way: reading and verifying leave the interpreter free."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_READERS = ThreadPoolExecutor(4, thread_name_prefix="ahead")


def ahead(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same pieces; raises what ``pieces`` raises."""
    piece = next(pieces, None)  # most files have no second one
    while piece is not None:
        coming = _READERS.submit(next, pieces, None)
        yield piece
        piece = coming.result()
