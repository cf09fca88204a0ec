"""Cutting a stream of bytes into lines."""

from __future__ import annotations

# A program may write gigabytes without a line feed; they are passed on in pieces of this many bytes.
LONGEST = 1 << 16


class Lines:
    """Bytes in, whole lines of text out (bytes that are not UTF-8 become U+FFFD)."""

    def __init__(self) -> None:
        self._pending = b""

    def add(self, data: bytes) -> list[str]:
        """The lines that ``data`` completes, without line feed or carriage return before it."""
        *lines, self._pending = (self._pending + data).split(b"\n")
        while len(self._pending) > LONGEST:
            lines.append(self._pending[:LONGEST])
            self._pending = self._pending[LONGEST:]
        return [_text(line) for line in lines]

    def rest(self) -> list[str]:
        """The last line, if it had no line feed."""
        line, self._pending = self._pending, b""
        return [_text(line)] if line else []


def _text(line: bytes) -> str:
    return line.removesuffix(b"\r").decode("utf-8", "replace")
