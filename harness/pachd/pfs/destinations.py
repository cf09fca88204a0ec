"""Where pipelines may send their output: object storage, and folders of this machine that the server's owner allows."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import urls
from harness.pachd.store.disk import make_folder, sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from urllib.parse import SplitResult

    Files = Iterable[tuple[str, Iterable[bytes]]]


class Destinations:
    """Sends files to URLs. ``file://`` ones must be in one of ``folders``, or in a folder below."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folder.resolve() for folder in folders)

    def check(self, url: str) -> None:
        """Raise if nothing may be sent to ``url``: EGRESS_FOLDER, or what ``urls.check_target`` does."""
        if _parts(url).scheme == "file":
            self._allowed(url, _path(url))
        else:
            urls.check_target(url)

    def send(self, url: str, files: Files, sender: str) -> int:
        """Write each file (absolute path, bytes) below ``url``; how many bytes that were.

        What is there already is replaced, or stays. Senders of different names may write to one place at once: each
        file is wholly of one of them. Raises URL_NOT_WRITTEN, and what :meth:`check` does.
        """
        if _parts(url).scheme != "file":
            return urls.send(url, files)
        self.check(url)  # also where there is no file to write
        try:
            return sum(self._write(url, path, pieces, sender) for path, pieces in files)
        except OSError as error:
            raise errors.URL_NOT_WRITTEN(url=url, reason=f"{error.filename}: {error.strerror}") from error

    def _write(self, url: str, path: str, pieces: Iterable[bytes], sender: str) -> int:
        """Write a file so that it is there wholly or not at all, and survives a power failure."""
        target = _path(url) / path.lstrip("/")
        folder = self._allowed(url, target.parent)
        make_folder(folder)
        # The same for the same file of a sender, so that an attempt that a crash ended is overwritten by the next one.
        unfinished = folder / f".egress-{hashlib.sha256(os.fsencode(f'{sender} {target.name}')).hexdigest()[:16]}"
        try:
            size = _fill(unfinished, pieces)
            unfinished.replace(folder / target.name)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        sync_folder(folder)
        return size

    def _allowed(self, url: str, folder: Path) -> Path:
        """``folder`` without symbolic links, which may lead elsewhere."""
        found = folder.resolve()
        if not any(found.is_relative_to(allowed) for allowed in self._folders):
            there = ", ".join(map(str, self._folders)) or "none"
            raise errors.EGRESS_FOLDER(url=url, folders=there)
        return found


def _fill(path: Path, pieces: Iterable[bytes]) -> int:
    size = 0
    with path.open("wb") as file:
        for piece in pieces:
            size += file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return size


def _parts(url: str) -> SplitResult:
    return urls.split(url, errors.URL_NOT_WRITTEN)


def _path(url: str) -> Path:
    parts = _parts(url)
    if parts.netloc not in ("", "localhost"):
        raise errors.URL_NOT_WRITTEN(url=url, reason="a file:// URL names no other machine; write file:///folder")
    path = unquote(parts.path) or "/"
    if "\0" in path:
        raise errors.URL_NOT_WRITTEN(url=url, reason="no path has a NUL in it")
    return Path(path)
