"""Cutting a stream of bytes into content-defined chunks (FastCDC, 64 KiB on average)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyfastcdc

if TYPE_CHECKING:
    from collections.abc import Iterator

AVERAGE_BYTES = 64 * 2**10
SMALLEST_BYTES = AVERAGE_BYTES // 4  # FastCDC never cuts before; what is not longer is one chunk
WINDOW_BYTES = 2**20  # so much is cut at once: tiny writes cost little, and huge ones are not copied as a whole

_CUTTER = pyfastcdc.FastCDC(AVERAGE_BYTES, min_size=SMALLEST_BYTES, max_size=4 * AVERAGE_BYTES)


class Cutter:
    """Takes pieces of any length and gives chunks; where the cuts lie depends on the bytes alone.

    A cut depends only on the bytes between the last cut and itself, so that all chunks but the one that touches the end
    of what is known are final.
    """

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.held = 0  # bytes that are not yet in a chunk

    def feed(self, piece: bytes | memoryview) -> Iterator[list[bytes | memoryview]]:
        """Take ``piece`` and give the chunks that became final, some dozens at a time. Iterate to the end."""
        rest = piece
        while self.held + len(rest) >= WINDOW_BYTES:
            room = WINDOW_BYTES - self.held
            *final, last = _cut(b"".join([*self._pieces, memoryview(rest)[:room]]))
            self._pieces = [bytes(last)]
            self.held = len(last)
            rest = memoryview(rest)[room:]
            yield final
        self._pieces.append(bytes(rest))  # of what is part of something longer a copy, so that this is not kept for it
        self.held += len(rest)

    def finish(self) -> Iterator[list[bytes | memoryview]]:
        """Give the rest; nothing may be fed afterwards."""
        if self.held:
            yield _cut(b"".join(self._pieces))


def _cut(data: bytes) -> list[bytes | memoryview]:
    if len(data) <= SMALLEST_BYTES:
        return [data]
    return [chunk.data for chunk in _CUTTER.cut_buf(data)]
