"""What every write to the disk has in common: it may be full, and what it made in a folder has to be synced there."""

from __future__ import annotations

import errno
import logging
import os
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.pachd.errors import PachError
from harness.pachd.errors import server as errors

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator
    from pathlib import Path

log = logging.getLogger(__name__)

_LONGEST_PAUSE = 60.0  # seconds
_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def telling_full() -> Iterator[None]:
    """Raise DISK_FULL where the block fails for lack of room; everything else passes."""
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        if is_full(error):
            raise errors.DISK_FULL() from error
        raise


def is_full(error: BaseException) -> bool:
    """Whether ``error`` says that there is no room: of the disk, or of the user's quota."""
    if isinstance(error, PachError):
        return error.kind is errors.DISK_FULL
    if isinstance(error, OSError):
        return error.errno in _FULL
    return isinstance(error, sqlite3.OperationalError) and "database or disk is full" in str(error)


def insist(do: Callable[[], None], ended: threading.Event) -> None:
    """Do something in the background that must not be left undone for lack of room: try again until there is some.

    Pauses grow to a minute. Ends also when ``ended`` is set; other errors pass.
    """
    pause = 1.0
    while not ended.is_set():
        try:
            with telling_full():
                return do()
        except PachError as error:
            if not is_full(error):
                raise
        log.warning("no room on the disk: trying again in %.0f s", pause)
        ended.wait(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
    return None


def sync_folder(folder: Path) -> None:
    """Return when the names in ``folder`` survive a power failure."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Make ``folder`` and what is missing above it, to survive a power failure."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)
