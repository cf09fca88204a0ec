"""The server process: opens a data directory, puts the floors together, listens, shuts down."""

from __future__ import annotations

import fcntl
import logging
import os
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc

from harness.pachd.errors import PachError
from harness.pachd.pfs.destinations import Destinations
from harness.pachd.pfs.ticks import Ticker
from harness.pachd.pfs.version_store import VersionStore
from harness.pachd.pps.surroundings import Access
from harness.pachd.pps.system import PipelineSystem
from harness.pachd.services.debug import Debug
from harness.pachd.services.dumps import Dump
from harness.pachd.services.pps import PPS
from harness.pachd.services.recent_log import LogLevels, RecentLog
from harness.pachd.services.registry import handlers
from harness.pachd.services.rooms import CALLS, Rooms
from harness.pachd.services.token import TokenGate
from harness.pachd.store.caretaking import Caretaker
from harness.pachd.store.database import Database
from harness.pachd.store.disk import is_full, make_folder
from harness.pachd.store.events import Events
from harness.pachd.store.objects import Objects
from harness.pachd.workers.images import ImageLibrary
from harness.pachd.workers.process import ProcessRuntime

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
# Clients send pieces of 19 MiB, but python_pachyderm's put_file_from_filepath sends a line of a file as one message.
# Times ``rooms.UPLOADS``, this is what uploads can take of the memory.
LARGEST_MESSAGE = 128 * 1024 * 1024
SECONDS_TO_FINISH_CALLS = 1.0
TRANSPORT = (
    ("grpc.so_reuseport", 0),
    ("grpc.max_receive_message_length", LARGEST_MESSAGE),
    ("grpc.max_send_message_length", LARGEST_MESSAGE),
    # Go clients ping every 20 s without calls; the default of 5 minutes would send them away.
    ("grpc.http2.min_ping_interval_without_data_ms", 5000),
    ("grpc.keepalive_permit_without_calls", 1),
)


class StartError(Exception):
    """The server cannot start; the message says why and what to do."""


@dataclass(frozen=True)
class Settings:
    """What a server is started with. ``port`` 0 takes a free one; ``token`` None lets everybody in.

    ``images`` are folders of image folders; ``cache`` keeps what is costly to build and may be shared by servers.
    Pipelines may send their output to ``egress_folders`` and below. Spouts, services and egress that fail are tried
    again after ``seconds_to_retry``. ``clock`` tells the time in nanoseconds since the epoch.
    """

    root: Path
    cache: Path
    port: int = 0
    token: str | None = None
    images: tuple[Path, ...] = ()
    allow_host_images: bool = False
    egress_folders: tuple[Path, ...] = ()
    seconds_to_retry: float = 10.0
    clock: Callable[[], int] = time.time_ns


class Server:
    """One cluster on one data directory. ``start`` answers from its return on; ``close`` leaves nothing running."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._events = Events()
        self._closing = ExitStack()
        self._log = RecentLog()
        self.address = ""
        self.isolation = ""

    def start(self) -> None:
        """Open the data directory, resume its unfinished jobs and listen.

        Raises :class:`StartError`; whatever had been opened is closed again.
        """
        logging.getLogger().addHandler(self._log)
        self._closing.callback(logging.getLogger().removeHandler, self._log)
        try:
            self._lock()
            server, port = self._bind()
            services = self._open(port)
            self.address = self._listen(server, port, services)
        except BaseException as error:
            self._closing.close()
            if isinstance(error, (OSError, sqlite3.Error, PachError)):
                reason = "its disk is full" if is_full(error) else error
                raise StartError(f"cannot use {self._settings.root} as data directory: {reason}") from error
            raise

    def close(self) -> None:
        """End, finish or refuse calls, end workers, close the store. Idempotent."""
        self._closing.close()

    def _lock(self) -> None:
        root = self._settings.root
        try:
            make_folder(root)
            handle = os.open(root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StartError(
                f"cannot use {root} as data directory: {error.strerror}; name another with --root"
            ) from error
        self._closing.callback(os.close, handle)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StartError(
                f"data directory {root} is in use by another server; stop that one or name another with --root"
            ) from error

    def _open(self, port: int) -> list[Any]:
        settings, closing = self._settings, self._closing
        for folder in settings.images:
            if not folder.is_dir():
                raise StartError(f"there is no folder of images at {folder}; name one that is there with --images")
        database = Database(settings.root / "metadata.db")
        closing.callback(database.close)
        objects = Objects(settings.root, database)
        closing.callback(objects.close)
        store = VersionStore(database, objects, self._events, settings.clock)
        library = ImageLibrary(settings.images, settings.cache / "images", settings.allow_host_images)
        runtime = ProcessRuntime(settings.root / "scratch", settings.root / "inputs", library, objects)
        closing.callback(runtime.close)
        self.isolation = runtime.isolation
        access = Access(LOOPBACK, port, settings.token)
        system = PipelineSystem(
            store, runtime, settings.root, access, Destinations(settings.egress_folders), settings.seconds_to_retry
        )
        system.start()
        closing.callback(system.close)
        caretaker = Caretaker(store.collector, self._events)
        caretaker.start()
        closing.callback(caretaker.close)
        ticker = Ticker(store)
        ticker.start()
        closing.callback(ticker.close)
        rooms = Rooms()
        debug = self._debugging(store, rooms)
        return handlers(store, PPS(system, self._log.text), debug, rooms)

    def _debugging(self, store: VersionStore, rooms: Rooms) -> Debug:
        levels = LogLevels()
        self._closing.callback(levels.close)
        shown = {**vars(self._settings), "token": "secret" if self._settings.token else None}
        return Debug(Dump(store, self._settings.root, shown, rooms, self._log), levels)

    def _bind(self) -> tuple[grpc.Server, int]:
        """Take the port, of which pipelines that go on are told, and answer nothing yet."""
        port, token = self._settings.port, self._settings.token
        server = grpc.server(
            ThreadPoolExecutor(CALLS, thread_name_prefix="call"),
            maximum_concurrent_rpcs=CALLS,  # beyond, gRPC refuses, instead of letting calls and their messages pile up
            interceptors=[TokenGate(token)] if token is not None else [],
            options=TRANSPORT,
        )
        try:
            bound = server.add_insecure_port(f"{LOOPBACK}:{port}")
        except RuntimeError as error:
            raise StartError(
                f"cannot listen on {LOOPBACK}:{port}: the port is in use or not allowed; "
                "choose another with --port, or leave --port out to take a free one"
            ) from error
        self._closing.callback(server.stop, None)
        return server, bound

    def _listen(self, server: grpc.Server, port: int, services: list[Any]) -> str:
        server.add_generic_rpc_handlers(services)
        server.start()
        self._closing.callback(self._hang_up, server)
        return f"{LOOPBACK}:{port}"

    def _hang_up(self, server: grpc.Server) -> None:
        """Refuse new calls, end those that wait for something to happen, and give the others a moment."""
        stopped = server.stop(SECONDS_TO_FINISH_CALLS)
        self._events.close()
        stopped.wait()
