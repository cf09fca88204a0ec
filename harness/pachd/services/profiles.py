"""What the threads of this process do: now, and where their time goes."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

SECONDS_BETWEEN_SAMPLES = 0.01


def stacks() -> str:
    """The stacks of all threads as text, most frequent first; threads with equal stacks stand together."""
    names: dict[tuple[str, ...], list[str]] = {}
    for name, frame in _frames().items():
        names.setdefault(tuple(traceback.format_stack(frame)), []).append(name)
    blocks = []
    for stack, threads in sorted(names.items(), key=lambda item: -len(item[1])):
        shown = ", ".join(sorted(threads)[:5]) + (", ..." if len(threads) > 5 else "")
        blocks.append(f"{len(threads)} x {shown}\n{''.join(stack)}")
    return "\n".join(blocks)


def cpu(seconds: float, ended: threading.Event) -> str:
    """Where processor time goes while ``seconds`` pass, or until ``ended`` is set.

    Folded stacks, as flame graph tools and speedscope read them: a line a stack, frames from the outermost inwards
    separated by semicolons, then microseconds. Only threads of Python are seen. Where the system does not tell the
    processor time of a thread (elsewhere than on Linux), elapsed time takes its place, waiting included.
    """
    found: Counter[str] = Counter()
    spent = _Spent()
    spent.since()  # what was used before
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0 and not ended.wait(min(left, SECONDS_BETWEEN_SAMPLES)):
        frames = _frames()
        for name, nanoseconds in spent.since().items():
            if name in frames and nanoseconds >= 1000:
                found[_folded(frames[name])] += nanoseconds // 1000
    return "".join(f"{stack} {microseconds}\n" for stack, microseconds in found.most_common())


class _Spent:
    """The time that each thread used since it was last asked for."""

    def __init__(self) -> None:
        self._before: dict[str, int] = {}
        self._clock: Callable[[threading.Thread], int] = (
            _processor_time if sys.platform.startswith("linux") else lambda _thread: time.monotonic_ns()
        )

    def since(self) -> dict[str, int]:
        """Nanoseconds by thread, but for the thread that asks."""
        now = {}
        for thread in threading.enumerate():
            if thread is not threading.current_thread() and thread.native_id is not None:
                now[_key(thread)] = self._clock(thread)
        before, self._before = self._before, now
        return {key: used - before.get(key, used) for key, used in now.items()}


def _processor_time(thread: threading.Thread) -> int:
    """Linux: the clock of any thread is named by its number; 0 for a thread that has ended meanwhile."""
    assert thread.native_id is not None  # noqa: S101 -- it has started
    try:
        return time.clock_gettime_ns((~thread.native_id << 3) | 6)
    except OSError:
        return 0


def _frames() -> dict[str, FrameType]:
    frames = sys._current_frames()  # noqa: SLF001 -- documented, for this purpose
    return {_key(thread): frames[thread.ident] for thread in threading.enumerate() if thread.ident in frames}


def _key(thread: threading.Thread) -> str:
    return f"{thread.name} ({thread.native_id})"


def _folded(frame: FrameType | None) -> str:
    places = []
    while frame is not None:
        code = frame.f_code
        places.append(f"{code.co_name} {code.co_filename.rpartition('/')[2]}:{frame.f_lineno}")
        frame = frame.f_back
    return ";".join(reversed(places))
