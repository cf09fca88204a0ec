"""Files from and to other places: http(s) to read from, S3 to read from and write to.

The server fetches with its own network and its own credentials (the ``AWS_*`` variables that it was started with). Its
own files are not to be had this way. S3 needs the extra ``s3``: obstore, which is one package without dependencies.
"""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from harness.pachd.errors import pfs as errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from urllib.parse import SplitResult

    from harness.pachd.errors import PachError

SECONDS_WITHOUT_BYTES = 60.0
PIECE_BYTES = 2**20
_KNOWN_STORES = {"gs", "azblob", "wasb", "minio", "test-minio"}  # Pachyderm has them, this cluster does not
_HANDLERS = (
    urllib.request.ProxyHandler,
    urllib.request.HTTPHandler,
    urllib.request.HTTPSHandler,
    urllib.request.HTTPRedirectHandler,  # follows at most ten
    urllib.request.HTTPDefaultErrorHandler,
    urllib.request.HTTPErrorProcessor,
    urllib.request.UnknownHandler,
)


def fetch(url: str, recursive: bool = False) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The relative path (empty for ``url`` itself) and the bytes of each object that ``url`` names.

    Raises URL_NOT_FETCHED where there is nothing to be had, and what :func:`check_target` does.
    """
    parts = split(url, errors.URL_NOT_FETCHED)
    if parts.scheme in {"http", "https"}:
        yield "", _download(url)
        return
    store = _bucket(url, parts)
    key = unquote(parts.path).strip("/")
    with _reported(url, errors.URL_NOT_FETCHED):
        keys = [entry["path"] for page in store.list(key or None) for entry in page] if recursive else [key]
    if recursive and not keys:
        raise errors.URL_NOT_FETCHED(url=url, reason="there is no object below it")
    for each in keys:
        yield each[len(key) :].strip("/"), _object(url, store, each)


def send(url: str, files: Iterable[tuple[str, Iterable[bytes]]]) -> int:
    """Write each file (absolute path, bytes) below ``url``; how many bytes that were. Raises URL_NOT_WRITTEN."""
    parts = split(url, errors.URL_NOT_WRITTEN)
    store, folder, sent = _bucket(url, parts), unquote(parts.path).strip("/"), 0
    for path, pieces in files:
        counted = _Counted(pieces)
        with _reported(url, errors.URL_NOT_WRITTEN):
            store.put(f"{folder}{path}".lstrip("/"), counted)
        sent += counted.size
    return sent


def check_target(url: str) -> None:
    """Raise if nothing can be written to ``url``, whatever it names.

    URL_NOT_WRITTEN, URL_OF_SERVER_FILE, STORE_NOT_SUPPORTED, STORE_NOT_INSTALLED or STORE_UNKNOWN.
    """
    _bucket(url, split(url, errors.URL_NOT_WRITTEN))


def split(url: str, kind: Callable[..., PachError]) -> SplitResult:
    """The parts of ``url``; raises ``kind`` where it is none, as ``s3://[``."""
    try:
        return urlsplit(url)
    except ValueError as error:
        raise kind(url=url, reason=error) from None


def _download(url: str) -> Iterator[bytes]:
    opener = urllib.request.OpenerDirector()
    for handler in _HANDLERS:
        opener.add_handler(handler())
    try:
        with opener.open(url, timeout=SECONDS_WITHOUT_BYTES) as response:
            while piece := response.read(PIECE_BYTES):
                yield piece
            if response.length:  # the connection ended before what was promised had come
                raise errors.URL_NOT_FETCHED(url=url, reason=f"{response.length} bytes are missing")
    except urllib.error.HTTPError as error:
        with error:
            raise errors.URL_NOT_FETCHED(url=url, reason=f"{error.code} {error.reason}") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise errors.URL_NOT_FETCHED(url=url, reason=getattr(error, "reason", error)) from error


def _bucket(url: str, parts: SplitResult) -> Any:
    if parts.scheme == "file":
        raise errors.URL_OF_SERVER_FILE(url=url)
    if parts.scheme in _KNOWN_STORES:
        raise errors.STORE_NOT_SUPPORTED(url=url, scheme=parts.scheme)
    if parts.scheme != "s3":
        raise errors.STORE_UNKNOWN(scheme=parts.scheme)
    try:
        from obstore.store import S3Store  # an optional extra
    except ImportError as error:
        raise errors.STORE_NOT_INSTALLED(url=url) from error
    with _reported(url, errors.URL_NOT_FETCHED):
        return S3Store(parts.netloc, retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=30)})


def _object(url: str, store: Any, key: str) -> Iterator[bytes]:
    with _reported(url, errors.URL_NOT_FETCHED):
        for piece in store.get(key).stream(min_chunk_size=PIECE_BYTES):
            yield bytes(piece)


@contextmanager
def _reported(url: str, kind: Callable[..., PachError]) -> Iterator[None]:
    """What goes wrong within, in the first line of the library's words."""
    from obstore.exceptions import BaseError

    try:
        yield
    except (BaseError, OSError, ValueError) as error:
        raise kind(url=url, reason=str(error).partition("\n")[0]) from error


class _Counted:
    """Pieces, and how many bytes have been taken of them."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.size += len(piece)
            yield piece
