"""Bytes of files: fetched once for each content that the cluster tells apart, and hashed here, not there."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

TEXT_LIMIT = 256
_PIECE = 1 << 20
_GLOB = re.compile(r"[\\*?\[\]{}()|]")


class FetchError(Exception):
    """The cluster gave other bytes than it listed: the text says where and how many."""


@dataclass(frozen=True)
class Fetched:
    """What was found in a file: the sha256 (hex) of its bytes, and all of it if it is a small UTF-8 text."""

    sha256: str
    text: str | None


class Contents:
    """Fetches files of up to ``limit`` bytes through a client, and each content that has one cluster hash only once."""

    def __init__(self, client: Any, limit: int) -> None:
        self._client = client
        self._limit = limit
        self._known: dict[str, Fetched] = {}

    def fetch(self, info: Any) -> Fetched | None:
        """The content of the file that a ``pfs_v2.FileInfo`` describes; None where it is larger than the limit.

        Raises :class:`FetchError` if the stream broke off: the client's file object hides that, so sizes are compared.
        """
        if info.size_bytes > self._limit:
            return None
        key = f"{info.size_bytes}:{bytes(info.hash).hex()}"
        if key not in self._known:
            self._known[key] = self._read(info)
        return self._known[key]

    def _read(self, info: Any) -> Fetched:
        hashed = hashlib.sha256()
        head = b""
        size = 0
        for piece in self._pieces(info):
            hashed.update(piece)
            head = head + piece[: TEXT_LIMIT + 1] if len(head) <= TEXT_LIMIT else head
            size += len(piece)
        if size != info.size_bytes:
            raise FetchError(f"{info.file.path}: the cluster lists {info.size_bytes} bytes and sent {size}")
        return Fetched(hashed.hexdigest(), _text(head))

    def _pieces(self, info: Any) -> Any:
        if not info.size_bytes:  # Pachyderm answers with no message at all, on which the client's file object stumbles
            return
        literal = _GLOB.sub(r"\\\g<0>", info.file.path)
        with self._client.get_file(info.file.commit, literal, datum=info.file.datum or None) as stream:
            while piece := stream.read(_PIECE):
                yield piece


def _text(head: bytes) -> str | None:
    if len(head) > TEXT_LIMIT:
        return None
    try:
        return head.decode("utf-8")
    except UnicodeDecodeError:
        return None
