"""Datums: what one run of the user's command sees, how it is named and what it is skipped by.

Recipes of ids and hashes are Pachyderm 2.7's.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.pachd.pfs.keys import Commit


@dataclass(frozen=True, eq=False)
class Source:
    """One leaf of an input: its ``pps_v2.PFSInput`` (see ``inputs.leaf``), and the commit that it reads with its root.

    An enumeration has one for each leaf.
    """

    leaf: Any
    commit: Commit
    root: bytes

    @cached_property
    def name(self) -> str:
        """The input's name, which each datum asks for several times."""
        return str(self.leaf.name)

    @cached_property
    def lazy(self) -> bool:
        """Whether its files are to be named pipes."""
        return bool(self.leaf.lazy)

    @cached_property
    def empty(self) -> bool:
        """Whether its files are to have names only."""
        return bool(self.leaf.empty_files)

    @cached_property
    def identity(self) -> bytes:
        """What it adds to a datum's id before the path."""
        return b"".join(_measured(text) for text in (self.name, self.leaf.repo, self.leaf.branch))


class DatumInput(NamedTuple):  # made by the hundred thousand, and quicker than a data class
    """One file or directory of a datum. ``hash`` is PFS's, ``size`` bytes.

    ``join_on`` and ``group_by`` are the keys that its path gives; empty where its leaf asks for none.
    """

    source: Source
    path: str
    hash: bytes
    size: int
    join_on: str = ""
    group_by: str = ""

    @property
    def is_directory(self) -> bool:
        """Whether it stands for everything below it."""
        return self.path.endswith("/")


@dataclass(frozen=True)
class Datum:
    """A unit of work: its inputs in the order of the spec. ``index`` counts in enumeration order from 0."""

    id: str
    index: int
    inputs: tuple[DatumInput, ...]

    def hash(self, salt: str) -> str:
        """What skipping compares: the id, the contents and the pipeline's salt; not the code that runs."""
        hasher = hashlib.blake2b(self.id.encode(), digest_size=32)
        for each in self.inputs:
            hasher.update(each.hash)
        hasher.update(salt.encode())
        return hasher.hexdigest()


def identify(parts: Iterable[DatumInput]) -> str:
    """The id of the datum with these inputs: 64 hexadecimal digits of their names, repos, branches and paths."""
    return digest(parts).hex()


def digest(parts: Iterable[DatumInput]) -> bytes:
    """The 32 bytes that :func:`identify` writes in digits."""
    hasher = hashlib.blake2b(digest_size=32)
    for each in parts:
        hasher.update(each.source.identity)
        hasher.update(_measured(each.path))
    return hasher.digest()


def _measured(text: str) -> bytes:
    """The text followed by its length."""
    data = text.encode()
    return data + len(data).to_bytes(8, "big")
