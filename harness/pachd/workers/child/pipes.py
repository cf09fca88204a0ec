"""Named pipes that stand for the files of lazy inputs, and noticing when a command opens one.

Who opens a pipe to read waits for a writer, and nobody hears of it. So each pipe has a writer from the start (its
*keeper*, this process): then opening succeeds, and inotify tells. The server is asked for the content; once it writes,
the keeper leaves, so that the reader sees an end. When both are done, the pipe is kept for the next reader.

Keeper and server use another name of the pipe, in a folder that is not watched: all that is heard was the command.
"""

from __future__ import annotations

import os
import struct

from harness.pachd.workers.child import linux, trees

_EVENT = struct.Struct("iIII")
_READ_AT_ONCE = 1 << 16


class _Pipe:
    """One file. ``place`` is its other name, ``keeper`` a descriptor, None while the server writes."""

    def __init__(self, name: str, path: str, place: str) -> None:
        self.name, self.path, self.place = name, path, place
        self.keeper: int | None = None
        self.asked = self.written = self.read = False

    def keep(self) -> None:
        self.asked = self.written = self.read = False
        self.keeper = os.open(self.place, os.O_RDWR | os.O_NONBLOCK)

    def leave(self) -> None:
        if self.keeper is not None:
            os.close(self.keeper)
            self.keeper = None

    def heard(self, mask: int) -> bool:
        """Take in what a command did; whether it wants to read now."""
        if mask & linux.IN_OPEN and not self.asked:
            self.asked, self.read = True, False
            return True
        self.read |= bool(mask & linux.IN_CLOSE_NOWRITE)
        self.keep_again()
        return False

    def keep_again(self) -> None:
        if self.written and self.read:
            self.keep()


class Pipes:
    """The pipes of one task. ``fd`` becomes readable when something was opened or closed.

    ``folders`` are those, by input, that stand for ``/pfs/<input>``; all of them are in ``shown``.
    """

    def __init__(self, scratch: str) -> None:
        """``scratch`` is a folder for all of it; it is made."""
        self.fd = linux.inotify()
        self.folders: dict[str, str] = {}
        self.shown = os.path.join(scratch, "shown")
        self._scratch, self._kept = scratch, os.path.join(scratch, "kept")
        self._heard: dict[tuple[int, str], _Pipe] = {}  # by watch and file name
        self._placed: dict[str, _Pipe] = {}
        self._named: dict[tuple[str, str], _Pipe] = {}
        os.makedirs(self.shown)
        os.mkdir(self._kept)

    def make(self, name: str, paths: list[str]) -> None:
        """Make pipes for the files of an input. Raises OSError."""
        folder = self.folders[name] = os.path.join(self.shown, name)
        os.mkdir(folder)
        watches: dict[str, int] = {}
        for path in paths:
            parent, file = os.path.split(os.path.join(folder, path))
            if parent not in watches:
                os.makedirs(parent, exist_ok=True)
                watches[parent] = linux.watch(self.fd, parent, linux.IN_OPEN | linux.IN_CLOSE_NOWRITE)
            pipe = _Pipe(name, path, os.path.join(self._kept, str(len(self._placed))))
            os.mkfifo(pipe.place)
            os.chmod(pipe.place, 0o644)
            os.link(pipe.place, os.path.join(parent, file))
            pipe.keep()
            self._heard[watches[parent], file] = self._placed[pipe.place] = self._named[name, path] = pipe

    def opened(self) -> list[tuple[str, str, str]]:
        """(Input, path in it, other name of the pipe) of each that a command has opened since."""
        found = []
        data = _read(self.fd)
        while data:
            watch, mask, _, length = _EVENT.unpack_from(data)
            file = os.fsdecode(data[_EVENT.size : _EVENT.size + length].rstrip(b"\0"))
            data = data[_EVENT.size + length :]
            pipe = self._heard.get((watch, file))
            if pipe is not None and pipe.heard(mask):
                found.append((pipe.name, pipe.path, pipe.place))
        return found

    def serving(self, place: str) -> None:
        """The server has opened the pipe at ``place``, to write to it."""
        if place in self._placed:  # not one of an earlier task
            self._placed[place].leave()

    def served(self, place: str) -> None:
        """The server has closed the pipe at ``place``."""
        if place in self._placed:
            self._placed[place].written = True
            self._placed[place].keep_again()

    def has(self, name: str, path: str) -> bool:
        """Whether a file of an input still is the pipe that was made for it."""
        place = os.path.join(self.shown, name, path)
        pipe = self._named.get((name, path))
        return pipe is not None and os.path.exists(place) and os.path.samefile(place, pipe.place)

    def close(self) -> None:
        """Remove all pipes; whoever still writes to one gets to know."""
        os.close(self.fd)
        for pipe in self._placed.values():
            pipe.leave()
        trees.remove(self._scratch)


def _read(fd: int) -> bytes:
    try:
        return os.read(fd, _READ_AT_ONCE)
    except BlockingIOError:
        return b""
