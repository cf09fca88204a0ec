"""Paths of files: what may be written, and the one form in which they are stored and compared.

A file's path begins with a slash and does not end in one; a directory's ends in one; the root is ``/``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.pachd.errors import pfs as errors

if TYPE_CHECKING:
    from collections.abc import Iterator

# Pachyderm has no limit. This one is Linux's: a longer path could be written, but no worker could open it.
LENGTH = 4096

_PRINTABLE = re.compile(r"[\x20-\x7e]+")
_GLOBBING = re.compile(r"[*?\[\]{}!()@+^]")
_SLASHES = re.compile("/+")


def to_write(path: str) -> str:
    """The stored form of a file's path. Raises Pachyderm's errors for names that cannot be written."""
    cleaned = to_delete(path)
    if cleaned == "/":
        raise errors.PATH_WITHOUT_NAME(path=path)
    return cleaned.removesuffix("/")


@lru_cache(64)  # an upload has several messages in a row for each file
def to_delete(path: str) -> str:
    """As :func:`to_write`, but a trailing slash remains: it asks for everything below a directory, ``/`` for all."""
    if not _PRINTABLE.fullmatch(path):
        raise errors.PATH_NOT_PRINTABLE(path=path)
    if len(path) > LENGTH:
        raise errors.LONG_PATH(start=path[:40], length=len(path), limit=LENGTH)
    globbing = _GLOBBING.search(path)
    if globbing:
        raise errors.PATH_GLOBBING(path=path, character=globbing.group())
    if {".", ".."} & set(path.split("/")):
        raise errors.PATH_RELATIVE(path=path)
    return _SLASHES.sub("/", f"/{path}")


def to_read(path: str) -> str:
    """The form in which a path is looked for: no trailing slash, but the root is ``/`` (as is the empty path)."""
    return _SLASHES.sub("/", f"/{path}").rstrip("/") or "/"


def as_directory(path: str) -> str:
    """The path, in any form, as a directory's."""
    return path if path.endswith("/") else f"{path}/"


def behind(directory: str) -> str:
    """What sorts behind every path below ``directory``, and before everything that comes after."""
    return f"{directory}\x7f"


def directories(path: str, base: str = "/") -> Iterator[str]:
    """The directories above ``path``, outermost first, from the directory ``base`` on."""
    end = len(base)
    while end:
        yield path[:end]
        end = path.find("/", end, len(path) - 1) + 1
