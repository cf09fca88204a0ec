"""Waking those who wait: nothing in the server polls."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from harness.pachd.errors import server as errors

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator
    from contextlib import AbstractContextManager

T = TypeVar("T")

# How many of those who were woken together look at once. One commit may wake a thousand; were all to look at the same
# time, each would open a connection to the database, and they would hinder each other more than help.
LOOK_AT_ONCE = 8


class Listener:
    """One waiter. It is woken by its topics and by :meth:`cancel`."""

    def __init__(self, turns: AbstractContextManager[object]) -> None:
        self._turns = turns
        self._wake = threading.Event()
        self.cancelled = False

    def cancel(self) -> None:
        """End the wait; safe from any thread, and as a gRPC callback."""
        self.cancelled = True
        self._wake.set()

    def end_with(self, add_callback: Callable[[Callable[[], None]], bool]) -> None:
        """End the wait when the client goes away: ``add_callback`` is the one of its gRPC context."""
        if not add_callback(self.cancel):  # it has gone already
            self.cancel()

    def wake(self) -> None:
        """Make the waiter look again."""
        self._wake.set()

    def until(self, look: Callable[[], T | None], timeout: float | None = None) -> T | None:
        """Call ``look`` now and after every wake until it gives something; None when cancelled or timed out.

        ``timeout`` (seconds) bounds each pause between two looks, not the whole wait.
        """
        while self._rests():
            found = look()
            if found is not None:
                return found
            if not self._wake.wait(timeout):
                return None
        return None

    def wait(self, look: Callable[[], T | None]) -> T:
        """As :meth:`until`, for calls of clients. Raises SHUTTING_DOWN when cancelled: the server stops.

        Or the client has gone, and hears nothing of it. ``look`` must be short: few look at once.
        """

        def look_in_turn() -> T | None:
            with self._turns:
                return look()

        found = self.until(look_in_turn)
        if found is None:
            raise errors.SHUTTING_DOWN()
        return found

    def repeat(self, look: Callable[[], float | None]) -> None:
        """Call ``look`` now, after every wake, and after the seconds that it gave (None: no end), until cancelled."""
        while self._rests():
            self._wake.wait(look())

    def _rests(self) -> bool:
        """Ready for the next wake; whether the wait goes on. A wake that comes in between is not lost."""
        self._wake.clear()
        return not self.cancelled


class Events:
    """Topics that server transactions publish to after they are kept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turns = threading.BoundedSemaphore(LOOK_AT_ONCE)
        self._listeners: dict[Hashable, set[Listener]] = {}
        self._closed = False

    @contextmanager
    def listen(self, *topics: Hashable) -> Iterator[Listener]:
        """A listener registered for ``topics`` while the block runs. Register first, look afterwards."""
        listener = Listener(self._turns)
        with self._lock:
            if self._closed:
                raise errors.SHUTTING_DOWN()
            for topic in topics:
                self._listeners.setdefault(topic, set()).add(listener)
        try:
            yield listener
        finally:
            with self._lock:
                for topic in topics:
                    self._drop(topic, listener)

    def publish(self, topics: Iterable[Hashable]) -> None:
        """Wake every listener of any of ``topics``."""
        with self._lock:
            woken = {listener for topic in topics for listener in self._listeners.get(topic, ())}
        for listener in woken:
            listener.wake()

    def listeners(self) -> int:
        """How many wait now."""
        with self._lock:
            return len(self._everyone())

    def close(self) -> None:
        """Cancel every listener and refuse new ones."""
        with self._lock:
            self._closed = True
            everyone = self._everyone()
        for listener in everyone:
            listener.cancel()

    def _everyone(self) -> set[Listener]:
        return {listener for listeners in self._listeners.values() for listener in listeners}

    def _drop(self, topic: Hashable, listener: Listener) -> None:
        listeners = self._listeners.get(topic, set())
        listeners.discard(listener)
        if not listeners:
            self._listeners.pop(topic, None)
