"""A limit on the memory that a command and its children hold together, watched from outside.

The kernel could do it with a cgroup of its own, but those are hardly ever writable for an ordinary process; this works
wherever /proc tells a process its children.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress

from harness.pachd.workers.child.program import OverrunError

_INTERVAL = 0.05  # seconds between two looks
_SHARE = 20  # a look may take this part of the time
_KIBIBYTE = 1024
_MEBIBYTE = 1 << 20


class MemoryLimit:
    """At most ``limit`` bytes, which the user wrote as ``words``."""

    def __init__(self, limit: int, words: str) -> None:
        self._limit = limit
        self._words = words
        self._page = os.sysconf("SC_PAGE_SIZE")
        self._next = 0.0

    def look(self) -> float:
        """Look if it is time; the seconds until the next look. Raises OverrunError."""
        now = time.monotonic()
        if now >= self._next:
            held = self._held()
            if held > self._limit:
                raise OverrunError(
                    f"signal: killed: the command and its children held {held / _MEBIBYTE:.1f} MiB of memory, "
                    f"more than resource_limits.memory, which is {self._words}; raise it, or have the command use less"
                )
            ended = time.monotonic()
            self._next = ended + max(_INTERVAL, _SHARE * (ended - now))
        return max(self._next - now, 0.0)

    def _held(self) -> int:
        """Bytes. What processes share counts once, but is told apart only where it matters, as that takes longer."""
        family = _descendants()
        held = sum(map(self._resident, family))
        return held if held <= self._limit else sum(map(_own, family))

    def _resident(self, process: str) -> int:
        with suppress(OSError), open(f"{process}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * self._page
        return 0


def _descendants() -> list[str]:
    """Folders in /proc; they need not be known by the process ids of our namespace."""
    found = [f"/proc/{child}" for child in _children("/proc/self")]
    for process in found:
        found += [f"/proc/{child}" for child in _children(process)]
    return found


def _children(process: str) -> list[str]:
    children = []
    with suppress(OSError):
        for thread in os.listdir(f"{process}/task"):
            with suppress(OSError), open(f"{process}/task/{thread}/children", encoding="ascii") as file:
                children += file.read().split()
    return children


def _own(process: str) -> int:
    """A process's part of the memory that is no file's."""
    total = 0
    with suppress(OSError), open(f"{process}/smaps_rollup", encoding="ascii") as file:
        for line in file:
            name, _, rest = line.partition(":")
            if name in ("Pss_Anon", "Pss_Shmem"):
                total += int(rest.split()[0]) * _KIBIBYTE
    return total
