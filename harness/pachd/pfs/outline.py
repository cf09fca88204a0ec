"""From the files of a set to files and directories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.pfs.folders import Folders, node_at
from harness.pachd.pfs.paths import behind, directories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.pachd.pfs.filesets import FileSets
    from harness.pachd.pfs.folders import Node


def outline(
    files: FileSets, root: bytes, prefix: str, wanted: Callable[[str], bool], after: str = ""
) -> Iterator[Node]:
    """The wanted files whose path begins with ``prefix`` and comes behind ``after``, and the wanted directories above.

    In path order, so a directory comes before what it holds. ``wanted`` gets paths, those of directories with a slash
    at their end.
    """
    folders = Folders(files, root, wanted)
    above = ""
    for file in _nodes(files, root, prefix, after):
        path = file.path
        parent = path[: path.rindex("/") + 1]
        if parent != above:
            for directory in directories(path):
                if not above.startswith(directory) and wanted(directory):
                    node = folders.node(directory)
                    if node is not None:
                        yield node
            above = parent
        if wanted(path):
            yield file


def children(files: FileSets, root: bytes, base: str, after: str = "") -> Iterator[Node]:
    """The files and directories directly in the directory ``base``, in path order, from behind ``after`` on."""
    folders = Folders(files, root, lambda _path: False)
    while True:
        for file in _nodes(files, root, base, after):
            slash = file.path.find("/", len(base))
            if slash < 0:
                yield file
                continue
            directory = folders.node(file.path[: slash + 1])
            if directory is not None:
                yield directory
            after = behind(file.path[: slash + 1])
            break
        else:
            return


def _nodes(files: FileSets, root: bytes, prefix: str, after: str) -> Iterator[Node]:
    """The files of ``FileSets.walk``."""
    for keys, values in files.leaves(root, prefix, after):
        yield from map(node_at, keys, values)
