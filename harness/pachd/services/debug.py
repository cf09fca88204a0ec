# ruff: noqa: N802 -- methods are named as their RPCs
"""``debug_v2.Debug``: looking into the running server. Archives are gzipped tars, as Pachyderm's are."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from google.protobuf import wrappers_pb2
from python_pachyderm.proto.v2.debug import debug_pb2

from harness.pachd.errors import server as errors
from harness.pachd.services import dumps, profiles
from harness.pachd.services.recent_log import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.pachd.services.dumps import Dump
    from harness.pachd.services.recent_log import LogLevels

POD = "pachd"
PIECE = 1024 * 1024
# Pachyderm's defaults, in seconds.
PROFILE = 60.0
LOG_LEVEL = 5 * 60.0

# Which files of a dump each part of a DumpV2Request asks for.
_SYSTEM = {
    "version": "version.json",
    "database": "database.json",
    "describes": "server.json",
    "logs": "server.log",
    "profiles": "threads.txt",
}
_PIPELINES = "pipelines.json"


class Debug:
    """What is asked of workers is refused: they come and go with their work, and their jobs' logs outlast them."""

    def __init__(self, dump: Dump, levels: LogLevels) -> None:
        self._dump = dump
        self._levels = levels

    def GetDumpV2Template(self, _request: Any, _context: Any) -> Any:
        """The request for everything there is."""
        pods = [debug_pb2.App(name=POD, pods=[debug_pb2.Pod(name=POD, containers=[POD])])]
        system = debug_pb2.System(version=True, database=True, describes=pods, logs=pods, profiles=pods)
        return debug_pb2.GetDumpV2TemplateResponse(
            request=debug_pb2.DumpV2Request(system=system, pipelines=[debug_pb2.Pipeline()])
        )

    def DumpV2(self, request: Any, _context: Any) -> Iterator[Any]:
        """The files asked for, or all: a progress chunk for each, then the archive."""
        wanted = [file for part, file in _SYSTEM.items() if getattr(request.system, part)]
        wanted = [*wanted, *([_PIPELINES] if request.pipelines else [])] or list(self._dump.files)
        files = []
        for number, name in enumerate(wanted, start=1):
            yield debug_pb2.DumpChunk(progress=debug_pb2.DumpProgress(task=name, total=len(wanted), progress=number))
            files.append(self._file(name))
        for piece in _pieces(dumps.archive(files)):
            yield debug_pb2.DumpChunk(content=debug_pb2.DumpContent(content=piece))

    def Dump(self, request: Any, _context: Any) -> Iterator[Any]:
        """The dump of earlier clients: an archive of everything, or of what the filter names."""
        which = request.filter.WhichOneof("filter")
        if which == "worker":
            raise errors.NO_WORKER_DEBUGGING()
        chosen = {"pipeline": [_PIPELINES], "database": [_SYSTEM["database"]]}.get(which, list(self._dump.files))
        return _values(dumps.archive(self._file(name) for name in chosen))

    def Profile(self, request: Any, context: Any) -> Iterator[Any]:
        """An archive with one profile.

        ``cpu`` (for the given duration, else a minute) as folded stacks, see :func:`profiles.cpu`, or ``goroutine``:
        what each thread does now.
        """
        _only_the_server(request)
        name = request.profile.name
        if name == "goroutine":
            text = profiles.stacks()
        elif name == "cpu":
            ended = threading.Event()
            context.add_callback(ended.set)
            text = profiles.cpu(_seconds(request.profile.duration, PROFILE), ended)
        else:
            raise errors.UNKNOWN_PROFILE(name=name)
        return _values(dumps.archive([(f"{POD}/{name}", text.encode())]))

    def Binary(self, request: Any, _context: Any) -> Iterator[Any]:
        """An archive of the program that is running, which is Python: its sources."""
        _only_the_server(request)
        return _values(dumps.archive(dumps.program()))

    def SetLogLevel(self, request: Any, _context: Any) -> Any:
        """Log more or less for a while, five minutes unless told otherwise."""
        which = request.WhichOneof("level")
        names = dict(debug_pb2.SetLogLevelRequest.LogLevel.items())
        level = next((name for name in LEVELS if which and names[name] == getattr(request, which)), None)
        if level is None:
            raise errors.NO_LOG_LEVEL(levels=", ".join(LEVELS))
        self._levels.set(which, level, _seconds(request.duration, LOG_LEVEL))
        return debug_pb2.SetLogLevelResponse(affected_pods=[POD])

    def _file(self, name: str) -> tuple[str, bytes]:
        return f"{POD}/{name}", self._dump.files[name]().encode()


def _only_the_server(request: Any) -> None:
    if request.filter.WhichOneof("filter") in ("worker", "pipeline"):
        raise errors.NO_WORKER_DEBUGGING()


def _seconds(duration: Any, default: float) -> float:
    seconds = duration.ToNanoseconds() / 1e9
    if seconds < 0:
        raise errors.NEGATIVE_DURATION()
    return seconds or default


def _pieces(data: bytes) -> Iterator[bytes]:
    return (data[start : start + PIECE] for start in range(0, len(data), PIECE))


def _values(data: bytes) -> Iterator[Any]:
    return (wrappers_pb2.BytesValue(value=piece) for piece in _pieces(data))
