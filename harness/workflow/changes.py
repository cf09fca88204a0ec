"""What a commit is made of, before it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Changes:
    """What one commit changes. ``id`` is the commit's, after it was made."""

    def __init__(self) -> None:
        self.puts: dict[str, bytes] = {}
        self.deletes: list[str] = []
        self.id = ""

    def put(self, path: str, content: bytes | Path) -> None:
        """Write a file, replacing what was there; from bytes, or from a file of this machine."""
        self.puts[path] = content if isinstance(content, bytes) else content.read_bytes()

    def delete(self, path: str) -> None:
        """Delete a file, or a directory if the path ends with a slash."""
        self.deletes.append(path)
