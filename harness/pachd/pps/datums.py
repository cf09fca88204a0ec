"""Datums: what one run of the user's command sees, how it is named and what it is skipped by.

Recipes of ids and hashes are Pachyderm 2.7's.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.pachd.pfs.keys import Commit


@dataclass(frozen=True)
class Source:
    """One pfs leaf of a job's input: its ``pps_v2.PFSInput``, and the commit that it reads with its content's root."""

    leaf: Any
    commit: Commit
    root: bytes

    @cached_property
    def identity(self) -> bytes:
        """What it adds to a datum's id before the path."""
        return b"".join(_measured(text) for text in (self.leaf.name, self.leaf.repo, self.leaf.branch))


@dataclass(frozen=True)
class DatumInput:
    """One file or directory of a datum. ``hash`` is PFS's, ``size`` bytes."""

    source: Source
    path: str
    hash: bytes
    size: int

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
        digest = hashlib.blake2b(self.id.encode(), digest_size=32)
        for each in self.inputs:
            digest.update(each.hash)
        digest.update(salt.encode())
        return digest.hexdigest()


def identify(parts: Iterable[DatumInput]) -> str:
    """The id of the datum with these inputs: 64 hexadecimal digits of their names, repos, branches and paths."""
    digest = hashlib.blake2b(digest_size=32)
    for each in parts:
        digest.update(each.source.identity)
        digest.update(_measured(each.path))
    return digest.hexdigest()


def _measured(text: str) -> bytes:
    """The text followed by its length."""
    data = text.encode()
    return data + len(data).to_bytes(8, "big")
