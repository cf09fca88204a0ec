"""How files are written in the persistent map: one entry a file, in path order."""

from __future__ import annotations

from dataclasses import dataclass

from harness.pachd.store import nodes
from harness.pachd.store.contents import Content

DEFAULT_DATUM = "default"  # the tag of files that were written without one


@dataclass(frozen=True)
class File:
    """A file: ``path`` as ``/a/b``, the tag of the datum that wrote it, and what it holds."""

    path: str
    datum: str
    content: Content


def key_of(path: str, datum: str) -> bytes:
    """The map's key; NUL sorts before every character of a path, so that keys sort as (path, datum)."""
    return f"{path}\0{datum or DEFAULT_DATUM}".encode()


def value_of(content: Content) -> bytes:
    """The map's value."""
    return nodes.value(content.hash, content.size)


def content_of(value: bytes) -> Content:
    """The content that a value names."""
    return Content(nodes.hash_of(value), nodes.size_of(value))


def path_and_datum(key: bytes) -> tuple[str, str]:
    """What a key names."""
    path, datum = key.decode().split("\0", 1)  # a datum's tag may be any text
    return path, datum


def file_of(key: bytes, value: bytes) -> File:
    """The file of an entry."""
    return File(*path_and_datum(key), content_of(value))


def range_of(prefix: str) -> tuple[bytes, bytes]:
    """The keys ``low <= key < high`` of all paths that begin with ``prefix``."""
    low = prefix.encode()
    return low, low + b"\x7f"  # behind every character that a path may have


def range_at(path: str) -> tuple[bytes, bytes]:
    """The keys ``low <= key < high`` of exactly ``path``, one for each datum."""
    low = path.encode()
    return low + b"\0", low + b"\1"
