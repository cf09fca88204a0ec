"""How many calls of each kind are answered at once, decided in this one place.

A call holds a thread while it is answered. Calls that last as long as their client likes are counted, each kind by
itself, and all kinds together fit into the pool with room to spare; so however many clients wait, subscribe or leave a
stream unread, ordinary calls find a thread.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from harness.pachd.errors import server as errors
from harness.pachd.services.token import needs_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from harness.pachd.errors import Kind

WAITS = 1000
# One message of each may be in memory, see ``server.LARGEST_MESSAGE``.
UPLOADS = 64
STREAMS = 400
# Health checks need no token, so strangers must not take the room of others.
HEALTH = 36
# The size of the pool. A thread that waits costs 16 KiB; they are made when they are needed.
CALLS = 2000


class Room:
    """Room for ``limit`` calls; ``refusal`` is told to those beyond."""

    def __init__(self, limit: int, refusal: Kind) -> None:
        self.limit = limit
        self.used = 0
        self._refusal = refusal
        self._lock = threading.Lock()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold one place while the block runs; raises the refusal where there is none."""
        with self._lock:
            if self.used >= self.limit:
                raise self._refusal(limit=self.limit)
            self.used += 1
        try:
            yield
        finally:
            with self._lock:
                self.used -= 1


class Rooms:
    """The rooms of one server."""

    def __init__(self) -> None:
        self.waits = Room(WAITS, errors.TOO_MANY_WAITS)
        self.uploads = Room(UPLOADS, errors.TOO_MANY_UPLOADS)
        self.streams = Room(STREAMS, errors.TOO_MANY_STREAMS)
        self.health = Room(HEALTH, errors.TOO_MANY_HEALTH_CHECKS)

    def chooser(self, full_name: str, method: Any) -> Callable[[Any], AbstractContextManager[None]]:
        """For the RPC with the descriptor ``method``: what a call with a given request holds while it is answered."""
        if not needs_token(full_name):
            return lambda _request: self.health.taken()
        if method.client_streaming:
            return lambda _request: self.uploads.taken()
        if method.name.startswith("Subscribe"):
            return lambda _request: self.waits.taken()
        otherwise = self.streams.taken if method.server_streaming else nullcontext
        return lambda request: self.waits.taken() if _waits(request) else otherwise()


def _waits(request: Any) -> bool:
    """Whether a request asks to wait for something to happen: each that can says so in one of these two fields."""
    return bool(getattr(request, "wait", False) or getattr(request, "follow", False))
