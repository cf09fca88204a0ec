"""How long to wait before something that failed is tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST = 30


def growing(first: float) -> Iterator[float]:
    """Seconds without end: each twice the one before, up to 30 times the ``first``, as the kubelet waits."""
    pause = first
    while True:
        yield pause
        pause = min(pause * 2, first * _MOST)
