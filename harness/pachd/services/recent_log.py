"""The server's own log: its last lines, and its level."""

from __future__ import annotations

import logging
import threading
from collections import deque

MOST_LINES = 2000
_LONGEST_LINE = 4000  # characters; a traceback may be long

# What SetLogLevel calls them, and the loggers that are meant.
LOGGERS = {"pachyderm": "harness.pachd", "grpc": "grpc"}
LEVELS = {"DEBUG": logging.DEBUG, "INFO": logging.INFO, "ERROR": logging.ERROR, "OFF": logging.CRITICAL + 1}


class RecentLog(logging.Handler):
    """Keeps the last lines that were logged, at most ``MOST_LINES``."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(threadName)s %(message)s"))
        self._lines: deque[str] = deque(maxlen=MOST_LINES)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record."""
        self._lines.append(self.format(record)[:_LONGEST_LINE])

    def text(self) -> str:
        """The lines, oldest first."""
        return "".join(f"{line}\n" for line in list(self._lines))


class LogLevels:
    """Changes of log levels that end by themselves."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ends: dict[str, threading.Timer] = {}

    def set(self, which: str, level: str, seconds: float) -> None:
        """Log at ``level`` (a key of ``LEVELS``) for so long; an earlier change of the same logger ends at once."""
        logger = logging.getLogger(LOGGERS[which])
        end = threading.Timer(min(seconds, threading.TIMEOUT_MAX), self._restore, [which])
        end.daemon = True
        with self._lock:
            self._forget(which)
            self._ends[which] = end
            logger.setLevel(LEVELS[level])
            end.start()
        logger.info("log level of %s is %s for %g s", logger.name, level, seconds)

    def close(self) -> None:
        """End every change."""
        for which in LOGGERS:
            self._restore(which)

    def _restore(self, which: str) -> None:
        with self._lock:
            self._forget(which)
            logging.getLogger(LOGGERS[which]).setLevel(logging.NOTSET)

    def _forget(self, which: str) -> None:
        end = self._ends.pop(which, None)
        if end is not None:
            end.cancel()
