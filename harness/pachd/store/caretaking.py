"""Collecting garbage in the background, without getting into anybody's way."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from harness.pachd.errors import PachError
from harness.pachd.errors import server as errors
from harness.pachd.store.collecting import GARBAGE

if TYPE_CHECKING:
    from harness.pachd.store.collecting import Collector
    from harness.pachd.store.events import Events, Listener

log = logging.getLogger(__name__)

_RESTS = 3  # a collection rests so many times as long as it works
_PAUSE = 1.0  # seconds at least between two collections: what is deleted together is collected together
_SECONDS_AFTER_FAILURE = 60.0


class Stopped(Exception):  # noqa: N818 -- an event, named as such
    """The server stops in the middle of a collection; the next one begins anew."""


class Caretaker:
    """Collects garbage at the start and when something was deleted; one thread."""

    def __init__(self, collector: Collector, events: Events) -> None:
        self._collector = collector
        self._events = events
        self._ended = threading.Event()
        self._worked_since = 0.0
        self._listener: Listener | None = None
        self._thread = threading.Thread(target=self._watch, name="garbage", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End soon, and wait for it."""
        self._ended.set()
        if self._listener is not None:
            self._listener.cancel()
        self._thread.join()

    def _watch(self) -> None:
        with self._events.listen(GARBAGE) as self._listener:
            if self._ended.is_set():
                return
            self._listener.repeat(self._collect)

    def _collect(self) -> float | None:
        """Collect once; the seconds after which to try again if that failed."""
        began = self._worked_since = time.monotonic()
        try:
            removed = self._collector.collect(self._rest)
            if any(removed.values()):
                log.info("garbage collection removed %s", dict(removed))
        except Stopped:
            return None
        except PachError as error:
            log.warning("garbage is not collected: %s", error.message)
            return _SECONDS_AFTER_FAILURE if error.kind is errors.DISK_FULL else None
        except Exception:  # whatever it is, the next deletion deserves another attempt
            log.exception("garbage collection")
            return None
        self._ended.wait(max(_PAUSE, time.monotonic() - began))
        return None

    def _rest(self) -> None:
        """Between two pieces of work: leave the processor to others. Raises Stopped."""
        worked = time.monotonic() - self._worked_since
        if self._ended.wait(worked * _RESTS):
            raise Stopped
        self._worked_since = time.monotonic()
