"""What a debug dump holds: files that say how this server is, none of which holds a secret."""

from __future__ import annotations

import importlib.metadata
import io
import json
import os
import platform
import sqlite3
import sys
import tarfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import harness.pachd
from harness.pachd.pps import jobs, versions
from harness.pachd.services import profiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from harness.pachd.pfs.version_store import VersionStore
    from harness.pachd.services.recent_log import RecentLog
    from harness.pachd.services.rooms import Rooms

_PACKAGES = ("pachyderm-harness", "python-pachyderm", "grpcio", "protobuf")


class Dump:
    """The files of a dump by name, each made when it is asked for.

    ``settings`` are shown as they are, so they must hold no token; ``root`` is the data directory.
    """

    def __init__(
        self, store: VersionStore, root: Path, settings: Mapping[str, object], rooms: Rooms, log: RecentLog
    ) -> None:
        self._store = store
        self._root = root
        self._settings = settings
        self._rooms = rooms
        self._log = log
        self._started = time.time()
        self.files: dict[str, Callable[[], str]] = {
            "version.json": self._version,
            "server.json": self._server,
            "database.json": self._database,
            "pipelines.json": self._pipelines,
            "server.log": self._log.text,
            "threads.txt": profiles.stacks,
        }

    def _version(self) -> str:
        packages = {each.name: each.version for each in importlib.metadata.distributions() if each.name in _PACKAGES}
        return _json(packages=packages, python=sys.version, sqlite=sqlite3.sqlite_version, platform=platform.platform())

    def _server(self) -> str:
        return _json(
            settings=self._settings,
            pid=os.getpid(),
            seconds_up=round(time.time() - self._started),
            threads=threading.active_count(),
            listeners=self._store.events.listeners(),
            calls={name: {"now": room.used, "limit": room.limit} for name, room in vars(self._rooms).items()},
        )

    def _database(self) -> str:
        with self._store.snapshot() as conn:
            tables = [row["name"] for row in conn.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
            count = 'SELECT count(*) FROM "{}"'
            rows = {table: conn.execute(count.format(table)).fetchone()[0] for table in sorted(tables)}
        files = {path.name: path.stat().st_size for path in sorted(self._root.iterdir()) if path.is_file()}
        return _json(rows=rows, bytes=files)

    def _pipelines(self) -> str:
        with self._store.snapshot() as conn:
            told = [
                {
                    "pipeline": str(version.pipeline),
                    "version": version.number,
                    "state": version.state.name,
                    "reason": version.reason,
                    "last_job": jobs.last_state(conn, version.pipeline).name,
                }
                for version in versions.listing(conn)
            ]
        return _json(pipelines=told)


def archive(files: Iterable[tuple[str, bytes]]) -> bytes:
    """A gzipped tar of named files."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as tar:
        for name, data in files:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(data), int(time.time())
            tar.addfile(entry, io.BytesIO(data))
    return target.getvalue()


def program() -> Iterable[tuple[str, bytes]]:
    """The files of the program that is running."""
    package = Path(harness.pachd.__file__).parent
    for path in sorted(package.rglob("*.py")):
        yield f"harness/pachd/{path.relative_to(package)}", path.read_bytes()


def _json(**values: object) -> str:
    return json.dumps(values, indent=2, default=str) + "\n"
