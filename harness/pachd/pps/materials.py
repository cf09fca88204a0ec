"""What a datum's inputs are made of: the directories under ``/pfs`` that a worker is to show, and their files."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING

from harness.pachd.pfs.filesets import File
from harness.pachd.workers.contract import Input

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.pachd.pfs.filesets import FileSets
    from harness.pachd.pps.datums import DatumInput
    from harness.pachd.store.objects import Objects


class Materials:
    """Finds the files of datum inputs."""

    def __init__(self, files: FileSets, objects: Objects) -> None:
        self._files = files
        self._empty = objects.put(b"")

    def directory(self, part: DatumInput) -> Input:
        """``/pfs/<input name>``. Its key names the exact paths and contents, so copies can be shared by datums."""
        leaf = part.source.leaf
        digest = hashlib.sha256(b"empty\0" if leaf.empty_files else b"full\0")
        # A directory's own hash says nothing of names; its place in an immutable content does.
        digest.update(part.source.root if part.is_directory else part.hash)
        digest.update(part.path.encode())
        return Input(leaf.name, digest.hexdigest(), partial(self._listing, part))

    def files(self, part: DatumInput) -> Iterator[File]:
        """The files of a datum's input with their paths in the repo; a file given by several datums counts once."""
        previous = ""
        entries = self._files.walk if part.is_directory else self._files.at
        for file in entries(part.source.root, part.path):
            if file.path != previous:
                yield File(file.path, "", self._empty) if part.source.leaf.empty_files else file
            previous = file.path

    def _listing(self, part: DatumInput) -> Iterator[tuple[str, bytes]]:
        for file in self.files(part):
            yield file.path.lstrip("/"), file.content.hash
