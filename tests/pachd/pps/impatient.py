"""A server in the test's own process that does not wait before it tries again."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from python_pachyderm import Client

from harness.pachd.server import Server, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def impatient_server(folder: Path, **settings: Any) -> Iterator[Any]:
    """Its client, while it runs on a data directory in ``folder``."""
    given = {"allow_host_images": True, "seconds_to_retry": 0.0, **settings}
    server = Server(Settings(folder / "root", folder / "cache", **given))
    server.start()
    try:
        host, _, port = server.address.rpartition(":")
        yield Client(host, int(port))
    finally:
        server.close()
