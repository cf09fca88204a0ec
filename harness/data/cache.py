"""Where data is kept between runs, and how files get there whole."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import platformdirs

from harness.data.tsv import DataError


def data_cache() -> Path:
    """The folder of fetched and made-up data: below $HARNESS_CACHE, else below the user's cache folder."""
    return Path(os.environ.get("HARNESS_CACHE") or platformdirs.user_cache_dir("pachyderm-harness")) / "data"


def read(path: Path) -> bytes:
    """The bytes of a file. Raises :class:`DataError` when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from error


def store(path: Path, data: bytes) -> None:
    """Make ``path`` hold ``data``, wholly or not at all; a file that holds it already is left alone."""
    try:
        if path.is_file() and path.read_bytes() == data:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".") as folder:
            part = Path(folder, path.name)
            part.write_bytes(data)
            part.replace(path)
    except OSError as error:
        raise DataError(f"cannot write {path}: {error.strerror}; set HARNESS_CACHE to a folder that can be") from error
