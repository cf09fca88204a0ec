"""Filling the named pipes of lazy inputs while a command reads them."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from harness.pachd.errors import PachError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.pachd.workers.inputs import Exporter


class Filling:
    """The pipes that one task's command has opened; each has a thread while it is read.

    ``size`` is how many bytes went through them. ``error`` tells what could not be read, else it is empty.
    """

    def __init__(
        self, objects: Exporter, contents: Mapping[tuple[str, str], bytes], tell: Callable[[str, str], None]
    ) -> None:
        """``contents`` are hashes by input and path; ``tell`` sends a word about a pipe to the worker."""
        self.size = 0
        self.error = ""
        self._objects = objects
        self._contents = contents
        self._tell = tell
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def open(self, pipe: tuple[str, str, str]) -> None:
        """A command wants to read a file, given by input and path in it, from the pipe at a place."""
        name, path, place = pipe
        content = self._contents[name, path]
        thread = threading.Thread(target=self._fill, args=(content, f"{name}/{path}", place), name="pipe", daemon=True)
        self._threads.append(thread)
        thread.start()

    def join(self) -> None:
        """Return when no pipe is written to any more; they must have no readers left."""
        for thread in self._threads:
            thread.join()

    def _fill(self, content: bytes, shown: str, place: str) -> None:
        try:
            with suppress(OSError):  # nobody reads, or not to the end
                pipe = os.open(place, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
                self._tell("serving", place)
                os.set_blocking(pipe, True)
                with open(pipe, "wb", buffering=0) as file:  # noqa: PTH123 -- a descriptor
                    self._write(content, file.fileno())
        except PachError as error:
            self.error = f"cannot read {shown}: {error.message}"
        finally:
            self._tell("served", place)

    def _write(self, content: bytes, pipe: int) -> None:
        for piece in self._objects.read(content):
            rest = memoryview(piece)
            while rest:
                written = os.write(pipe, rest)
                rest = rest[written:]
                with self._lock:
                    self.size += written
