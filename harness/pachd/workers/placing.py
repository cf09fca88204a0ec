"""Where an image's files are found besides its working directory: what COPY and ADD of a Dockerfile say."""

from __future__ import annotations

import posixpath
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from harness.pachd.workers.dockerfile import Copied


def place(copied: Sequence[Copied], files: Path, workdir: str) -> dict[str, str]:
    """The absolute paths at which Docker would have files of the image, and where they are below ``workdir``.

    All of ``files`` appear at ``workdir``. What belongs elsewhere below it becomes a link in ``files``, what belongs
    outside is returned.
    """
    links: dict[str, str] = {}
    for copy in copied:
        for source, target in _targets(copy, files, workdir):
            shown = posixpath.join(workdir, source)
            inside = posixpath.relpath(target, workdir)
            if target == shown:
                continue
            if inside.startswith("../"):
                links[target] = shown
            elif inside != ".":
                _link(files / inside, posixpath.relpath(source, posixpath.dirname(inside) or "."))
    return links


def _targets(copy: Copied, files: Path, workdir: str) -> Iterator[tuple[str, str]]:
    """Pairs of a path in ``files`` and the absolute one that Docker would give it."""
    found = [path for source in copy.sources for path in _matching(source, files)]
    folder = copy.into_folder or len(found) > 1 or copy.target == workdir
    for path in found:
        source = path.relative_to(files).as_posix()
        if path.is_dir():  # its entries are copied, not the folder
            for entry in path.iterdir():
                yield posixpath.join(source, entry.name), posixpath.join(copy.target, entry.name)
        else:
            yield source, posixpath.join(copy.target, path.name) if folder else copy.target


def _matching(source: str, files: Path) -> list[Path]:
    inside = posixpath.normpath(posixpath.join("/", source)).lstrip("/")
    return sorted(files.glob(inside)) if inside else [files]


def _link(path: Path, target: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):  # made when the image was prepared before
        path.symlink_to(target)
