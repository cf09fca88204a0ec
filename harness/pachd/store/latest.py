"""A bounded memory of what was used last."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

K = TypeVar("K")
V = TypeVar("V")


class Latest(Generic[K, V]):
    """Values by key that together weigh at most ``most``; forgets those that nobody asked for the longest.

    Safe to use from several threads. Each weighs 1 unless ``weigh`` says otherwise.

    Unlike ``functools.lru_cache`` it takes many values at once, from whoever has them.
    """

    def __init__(self, most: int, weigh: Callable[[V], int] = lambda _: 1) -> None:
        self._most = most
        self._weigh = weigh
        self._weight = 0
        self._lock = threading.Lock()
        self._values: dict[K, V] = {}  # the latest used come last

    def __contains__(self, key: K) -> bool:
        return key in self._values

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: K) -> V | None:
        """The value, if it is still known."""
        with self._lock:
            value = self._values.pop(key, None)
            if value is not None:
                self._values[key] = value
            return value

    def update(self, values: Mapping[K, V]) -> None:
        """Know these."""
        with self._lock:
            for key, value in values.items():
                if key in self._values:
                    self._weight -= self._weigh(self._values.pop(key))
                self._values[key] = value
                self._weight += self._weigh(value)
            while self._weight > self._most:
                self._weight -= self._weigh(self._values.pop(next(iter(self._values))))
