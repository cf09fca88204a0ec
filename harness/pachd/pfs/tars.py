"""Files as one tar stream, as GetFileTAR gives them."""

from __future__ import annotations

import tarfile
from itertools import chain
from typing import TYPE_CHECKING

from harness.pachd.pfs import globs
from harness.pachd.pfs.entries import File
from harness.pachd.pfs.paths import directories

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.pachd.pfs.filesets import FileSets

PIECE_BYTES = 2**20
_END = bytes(2 * tarfile.BLOCKSIZE)


def tar(
    files: FileSets, root: bytes, pattern: str, datum: str = "", path_range: tuple[str, str] = ("", "")
) -> Iterator[bytes] | None:
    """What the glob matches, directories with everything below, in pieces of 1 byte to 1 MiB; None for no match.

    Names are absolute, directories have entries of their own, mode, owner and time are 0 (Pachyderm 2.7). ``datum``
    leaves out the files of others, ``path_range`` (lower, upper) what is not in ``lower <= path < upper``. Raises
    GLOB_INVALID.
    """
    found = members(files, root, globs.compile(pattern), datum, path_range)
    first = next(found, None)
    return None if first is None else _gather(_blocks(files, chain([first], found)))


def members(
    files: FileSets, root: bytes, glob: globs.Glob, datum: str, path_range: tuple[str, str]
) -> Iterator[File | str]:
    """Files, and directories as their paths; each once, whether itself or a directory above it matched."""
    lower, upper = path_range
    for member in _matched(files, root, glob, datum):
        path = member.path if isinstance(member, File) else member
        if upper and path >= upper:
            return
        if path >= lower:
            yield member


def _matched(files: FileSets, root: bytes, glob: globs.Glob, datum: str) -> Iterator[File | str]:
    previous, inside = "", ""
    for file in files.walk(root, glob.literal_prefix):
        if datum and file.datum != datum:
            continue
        if not file.path.startswith(inside):
            inside = ""
        for directory in directories(file.path):
            if previous.startswith(directory):
                continue
            inside = inside or (directory if glob.match(directory) else "")
            if inside:
                yield directory
        if inside or glob.match(file.path):
            yield file
        previous = file.path


def _blocks(files: FileSets, found: Iterable[File | str]) -> Iterator[bytes]:
    for member in found:
        info = tarfile.TarInfo(member.path if isinstance(member, File) else member)
        info.mode = 0
        if isinstance(member, File):
            info.size = member.content.size
            yield info.tobuf(tarfile.PAX_FORMAT)
            yield from files.objects.read(member.content.hash)
            yield bytes(-info.size % tarfile.BLOCKSIZE)
        else:
            info.type = tarfile.DIRTYPE
            yield info.tobuf(tarfile.PAX_FORMAT)
    yield _END


def _gather(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Fewer and longer pieces: a message for each header would cost more than the file."""
    held: list[bytes] = []
    size = 0
    for block in blocks:
        if size + len(block) > PIECE_BYTES:
            yield b"".join(held)
            held, size = [], 0
        held.append(block)
        size += len(block)
    yield b"".join(held)
