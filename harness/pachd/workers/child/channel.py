"""JSON lines between the server and a worker."""

from __future__ import annotations

import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Message = dict[str, Any]


class ServerGone(Exception):  # noqa: N818 -- an event, named as such
    """The server closed the channel or was killed: the worker has to end."""


class Channel:
    """The worker's end of the socket. Commands that it starts do not inherit it."""

    def __init__(self, fd: int) -> None:
        self.fd = os.dup(fd)  # not inherited, and a low number, as select() needs it
        os.close(fd)
        self._pending = b""
        self._queue: list[Message] = []

    def send(self, **message: object) -> None:
        """Send one message; waits while the server is busy. Raises :class:`ServerGone`."""
        rest = json.dumps(message).encode("ascii") + b"\n"
        try:
            while rest:
                rest = rest[os.write(self.fd, rest) :]
        except (BrokenPipeError, ConnectionResetError) as error:
            raise ServerGone from error

    def receive(self) -> Message:
        """The next message; waits for it. Raises :class:`ServerGone`."""
        while not self._queue:
            self.read()
        return self._queue.pop(0)

    def read(self) -> None:
        """Take in what has arrived, waiting for something. Raises :class:`ServerGone`."""
        try:
            data = os.read(self.fd, 1 << 16)
        except ConnectionResetError as error:
            raise ServerGone from error
        if not data:
            raise ServerGone
        *lines, self._pending = (self._pending + data).split(b"\n")
        self._queue += [json.loads(line) for line in lines]

    def arrived(self) -> list[Message]:
        """The messages that were read and not yet received; they are received herewith."""
        messages, self._queue = self._queue, []
        return messages
