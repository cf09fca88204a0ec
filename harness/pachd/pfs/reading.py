"""Looking at the files and directories of a file set, as InspectFile, ListFile, WalkFile and GlobFile do.

Where something is not there, the answer is None or nothing: the texts for that name the commit, not known here.
"""

from __future__ import annotations

from collections import deque
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import globs
from harness.pachd.pfs.folders import Folders, Node, node_of
from harness.pachd.pfs.outline import children, outline
from harness.pachd.pfs.paths import as_directory, behind, to_read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.pachd.pfs.filesets import FileSets

__all__ = ["Node", "get", "glob", "inspect", "list_", "walk"]

MOST_FILES = 100_000


def inspect(files: FileSets, root: bytes, path: str, datum: str = "") -> Node | None:
    """The file (of any datum, or of the one given) or directory at ``path``, else None."""
    return next(_at(files, root, to_read(path), datum), None)


def list_(
    files: FileSets,
    root: bytes,
    path: str,
    after: str = "",
    number: int = 0,
    reverse: bool = False,
    datum: str = "",
) -> Iterator[Node]:
    """What a directory holds directly, or the file at ``path``; nothing where nothing is.

    ``after`` (the pagination marker) is a path that is left out, as is everything before it; with ``reverse``,
    everything behind it. ``number`` bounds the answer, 0 does not; ``reverse`` gives the last ones, descending.
    ``datum`` leaves out the files of others, directories remain.
    Raises REVERSE_WITHOUT_NUMBER and TOO_MANY_FILES.
    """
    _check(number, reverse)
    path = to_read(path)
    base = as_directory(path)

    def nodes() -> Iterator[Node]:
        skip = "" if reverse else behind(after) if after.endswith("/") else after
        yield from map(node_of, files.at(root, path))
        yield from children(files, root, base, skip)

    return _page(_of_datum(nodes(), datum), after, number, reverse)


def walk(
    files: FileSets,
    root: bytes,
    path: str,
    after: str = "",
    number: int = 0,
    reverse: bool = False,
    datum: str = "",
) -> Iterator[Node]:
    """What is at ``path`` and everything below it, directories before what they hold; pages as :func:`list_`."""
    _check(number, reverse)
    path = to_read(path)
    base = as_directory(path)

    def nodes() -> Iterator[Node]:
        skip = "" if reverse else after
        yield from map(node_of, files.at(root, path))
        yield from outline(files, root, base, lambda candidate: candidate > skip and candidate.startswith(base), skip)

    return _page(_of_datum(nodes(), datum), after, number, reverse)


def glob(files: FileSets, root: bytes, pattern: str, path_range: tuple[str, str] = ("", "")) -> Iterator[Node]:
    """The files and directories that match, in path order. Raises GLOB_INVALID.

    ``path_range`` is (lower, upper): paths from ``lower`` on and before ``upper``, where these are not empty.
    """
    compiled = globs.compile(pattern)
    lower, upper = path_range

    def wanted(path: str) -> bool:
        return lower <= path and (not upper or path < upper) and compiled.match(path)

    if compiled.literal is not None:
        return (node for node in _at(files, root, compiled.literal) if wanted(node.path))
    return outline(files, root, compiled.literal_prefix, wanted)


def get(
    files: FileSets, root: bytes, pattern: str, datum: str = "", path_range: tuple[str, str] = ("", "")
) -> Node | None:
    """The one regular file that GetFile's glob matches, or None. Raises NOT_A_FILE, or MANY_FILES for the second."""
    found: Node | None = None
    for node in _of_datum(glob(files, root, pattern, path_range), datum):
        if node.is_dir:
            raise errors.NOT_A_FILE()
        if found is not None:
            raise errors.MANY_FILES()
        found = node
    return found


def _at(files: FileSets, root: bytes, path: str, datum: str = "") -> Iterator[Node]:
    yield from (node_of(file) for file in files.at(root, path) if not datum or file.datum == datum)
    directory = Folders(files, root, lambda _path: False).node(as_directory(path))
    if directory is not None:
        yield directory


def _of_datum(nodes: Iterator[Node], datum: str) -> Iterator[Node]:
    return (node for node in nodes if node.is_dir or node.datum == datum) if datum else nodes


def _check(number: int, reverse: bool) -> None:
    if reverse and number <= 0:
        raise errors.REVERSE_WITHOUT_NUMBER()
    if number > MOST_FILES:
        raise errors.TOO_MANY_FILES(limit=MOST_FILES)


def _page(nodes: Iterator[Node], after: str, number: int, reverse: bool) -> Iterator[Node]:
    if not reverse:
        behind = (node for node in nodes if node.path > after) if after else nodes
        return islice(behind, number if number > 0 else None)
    before = takewhile(lambda node: not after or node.path < after, nodes)
    return reversed(deque(before, maxlen=number))
