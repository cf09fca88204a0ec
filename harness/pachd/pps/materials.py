"""What a datum's inputs are made of: the directories under ``/pfs`` that a worker is to show, and their files."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from harness.pachd.pfs.filesets import File
from harness.pachd.workers.contract import Input

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from harness.pachd.pfs.filesets import FileSets
    from harness.pachd.pps.datums import Datum, DatumInput
    from harness.pachd.store.contents import Content
    from harness.pachd.store.objects import Objects


class Materials:
    """Finds the files of datum inputs."""

    def __init__(self, files: FileSets, objects: Objects) -> None:
        self._files = files
        self._empty = objects.put(b"")

    def directories(self, datum: Datum) -> tuple[Input, ...]:
        """The folders of ``/pfs``: one for each name, though a group may have many files of it."""
        named: dict[str, list[DatumInput]] = {}
        for part in datum.inputs:
            named.setdefault(part.source.leaf.name, []).append(part)
        return tuple(self._directory(name, parts) for name, parts in named.items())

    def files(self, part: DatumInput) -> Iterator[File]:
        """The files of a datum's input with their paths in the repo; a file given by several datums counts once."""
        for file in self._originals(part):
            yield File(file.path, "", self._empty) if part.source.leaf.empty_files else file

    def _directory(self, name: str, parts: Sequence[DatumInput]) -> Input:
        digest = hashlib.sha256()
        for part in parts:
            digest.update(_key(part))
        return Input(name, digest.hexdigest(), partial(self._listing, parts), partial(self._contents, parts))

    def _originals(self, part: DatumInput) -> Iterator[File]:
        previous = ""
        entries = self._files.walk if part.is_directory else self._files.at
        for file in entries(part.source.root, part.path):
            if file.path != previous:
                yield file
            previous = file.path

    def _listing(self, parts: Sequence[DatumInput]) -> Iterator[tuple[str, bytes]]:
        for part in parts:
            for file in self.files(part):
                yield file.path.lstrip("/"), file.content.hash

    def _contents(self, parts: Iterable[DatumInput], path: str) -> Iterator[tuple[str, Content]]:
        above = f"/{path}".rstrip("/")
        for part in parts:
            for below in _narrowed(part, above):
                for file in self._originals(below):
                    yield file.path.removeprefix(above), file.content


def _key(part: DatumInput) -> bytes:
    """Names the exact paths and contents of a datum's input, so that copies can be shared by datums."""
    digest = hashlib.sha256(b"empty\0" if part.source.leaf.empty_files else b"full\0")
    # A directory's own hash says nothing of names; its place in an immutable content does.
    digest.update(part.source.root if part.is_directory else part.hash)
    digest.update(part.path.encode())
    return digest.digest()


def _narrowed(part: DatumInput, path: str) -> Iterator[DatumInput]:
    """What ``part`` has at ``path`` and below it."""
    if part.path == path or part.path.startswith(f"{path}/"):
        yield part
    elif part.is_directory and path.startswith(part.path):
        yield replace(part, path=path)
        yield replace(part, path=f"{path}/")
