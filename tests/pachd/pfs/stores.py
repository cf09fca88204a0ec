"""Version stores on a directory, opened and closed as often as a test wants."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.pachd.pfs.version_store import VersionStore
from harness.pachd.store.database import Database
from harness.pachd.store.events import Events
from harness.pachd.store.objects import Objects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@contextmanager
def opened(root: Path, clock: Callable[[], int] = time.time_ns) -> Iterator[VersionStore]:
    """The store in ``root``, which is made where it is not there."""
    database = Database(root / "metadata.db")
    objects = Objects(root, database)
    try:
        yield VersionStore(database, objects, Events(), clock)
    finally:
        objects.close()
        database.close()
