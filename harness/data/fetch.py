"""Downloading labelled reviews once, for all later runs."""

from __future__ import annotations

import hashlib
import http.client
import urllib.error
import urllib.request
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harness.data.cache import data_cache, read, store
from harness.data.dataset import TRAINING, DataSet, open_set
from harness.data.tsv import DataError, parse

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 256 * 2**20  # bytes; all 25,000 reviews of the Kaggle set take 33 MB
TIMEOUT = 60.0  # seconds without a byte


def fetch(url: str, sha256: str | None = None, cache: Path | None = None) -> DataSet:
    """Download the TSV at ``url`` (http or https), check it and keep it for every later run.

    ``sha256`` is what it must hash to, in hexadecimal digits. Raises :class:`~harness.data.tsv.DataError`, and keeps
    what was fetched before, when the download fails or is not what was asked for.
    """
    cache = cache or data_cache()
    data = _download(url)
    found = hashlib.sha256(data).hexdigest()
    if sha256 and found != sha256.lower():
        raise DataError(f"{url} is not the file that was asked for: its sha256 is {found}")
    parse(data, url)
    # Each download gets a folder of its own; the pointer to it changes last, so the kept copy is always a whole one.
    store(cache / "fetched" / found / TRAINING, data)
    store(cache / "fetched" / "latest", f"{found} {url}\n".encode())
    return open_set("fetched", cache / "fetched" / found, cache, url)


def fetched(cache: Path) -> DataSet | None:
    """What was fetched last, or None. Raises :class:`DataError` when it is no longer what was fetched."""
    pointer = cache / "fetched" / "latest"
    if not pointer.exists():
        return None
    digest, _, url = read(pointer).decode().strip().partition(" ")
    folder = cache / "fetched" / digest
    if hashlib.sha256(read(folder / TRAINING)).hexdigest() != digest:
        raise DataError(f"{folder / TRAINING} was changed after it was fetched from {url}: fetch it again")
    return open_set("fetched", folder, cache, url)


def _download(url: str) -> bytes:
    if urlsplit(url).scheme not in {"http", "https"}:
        raise DataError(f"cannot fetch {url!r}: the address must begin with https:// or http://")
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as response:  # noqa: S310 -- the scheme is checked above
            promised = response.headers["Content-Length"]
            data: bytes = response.read(LIMIT + 1)
    except (OSError, ValueError, http.client.HTTPException) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()  # it holds the connection
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise DataError(f"cannot fetch {url}: {reason}") from error
    if len(data) > LIMIT:
        raise DataError(f"cannot fetch {url}: it is larger than {LIMIT // 2**20} MB, so it is no set of reviews")
    if promised and len(data) < int(promised):  # which read() with a limit does not mind
        raise DataError(f"cannot fetch {url}: it ended after {len(data)} of {promised} bytes; try again")
    return data
