"""What a datum's inputs are made of: the directories under ``/pfs`` that a worker is to show, and their files."""

from __future__ import annotations

import hashlib
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
    """Finds the files of datums."""

    def __init__(self, files: FileSets, objects: Objects) -> None:
        self._files = files
        self._empty = objects.put(b"")

    def directories(self, datum: Datum) -> tuple[Input, ...]:
        """Each ``/pfs/<input name>``."""
        return tuple(self._directory(name, parts) for name, parts in _by_name(datum).items())

    def files(self, datum: Datum) -> Iterator[tuple[str, File]]:
        """The name of the input, and the file with its path in the repo, for every file under ``/pfs``; each once."""
        for name, parts in _by_name(datum).items():
            for file in self._together(parts):
                yield name, file

    def _directory(self, name: str, parts: Sequence[DatumInput]) -> Input:
        return Input(
            name,
            _key(parts),
            partial(self._listing, parts),
            partial(self._contents, parts),
            lazy=all(part.source.lazy for part in parts),
            empty=all(part.source.empty for part in parts),
        )

    def _listing(self, parts: Sequence[DatumInput]) -> Iterator[tuple[str, bytes]]:
        for file in self._together(parts):
            yield file.path.lstrip("/"), file.content.hash

    def _together(self, parts: Sequence[DatumInput]) -> Iterator[File]:
        """The files of one directory as they are shown; where several parts have a path, the last one's."""
        if len(parts) == 1:
            return self._shown(parts[0])
        found = {file.path: file for part in parts for file in self._shown(part)}
        return iter(found.values())

    def _shown(self, part: DatumInput) -> Iterator[File]:
        for file in self._originals(part):
            yield File(file.path, "", self._empty) if part.source.empty else file

    def _originals(self, part: DatumInput) -> Iterator[File]:
        """A file given by several datums counts once."""
        previous = ""
        entries = self._files.walk if part.is_directory else self._files.at
        for file in entries(part.source.root, part.path):
            if file.path != previous:
                yield file
            previous = file.path

    def _contents(self, parts: Sequence[DatumInput], path: str) -> Iterable[tuple[str, Content]]:
        """As for what is shown, the last part counts."""
        above = f"/{path}".rstrip("/")
        found = {}
        for part in parts:
            for below in _narrowed(part, above):
                for file in self._originals(below):
                    found[file.path.removeprefix(above)] = file.content
        return found.items()


def _by_name(datum: Datum) -> dict[str, list[DatumInput]]:
    """The inputs that make up each directory: several where a group has more than one file of an input."""
    found: dict[str, list[DatumInput]] = {}
    for part in dict.fromkeys(datum.inputs):
        found.setdefault(part.source.name, []).append(part)
    return found


def _key(parts: Sequence[DatumInput]) -> str:
    """Names the exact paths and contents of a directory, so that copies can be shared by datums."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(b"empty\0" if part.source.empty else b"full\0")
        # A directory's own hash says nothing of names; its place in an immutable content does.
        digest.update(part.source.root if part.is_directory else part.hash)
        digest.update(f"{part.path}\0".encode())
    return digest.hexdigest()


def _narrowed(part: DatumInput, path: str) -> Iterator[DatumInput]:
    """What ``part`` has at ``path`` and below it."""
    if part.path == path or part.path.startswith(f"{path}/"):
        yield part
    elif part.is_directory and path.startswith(part.path):
        yield part._replace(path=path)
        yield part._replace(path=f"{path}/")
