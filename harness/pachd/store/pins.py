"""What running code needs of the store though no table names it: not yet, or not any more.

Garbage collection rests on this. Uploads rely on chunks that they found stored, readers go on when their commit is
deleted, results of datums wait in memory until they are kept. So whoever gets hold of something pins it to an object
of its own (an edit, a row, a content), and it stays for as long as that object lives.

While a collection runs, everything that is pinned or used is noted as well, so that the collection needs no standstill.
"""

from __future__ import annotations

import enum
import threading
import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

ID_BYTES = 32


class Kind(enum.Enum):
    """What a pinned id names; a root stands for everything below it, a content for its chunks."""

    ROOT = enum.auto()
    CONTENT = enum.auto()
    CHUNK = enum.auto()


@dataclass
class Held:
    """Pinned ids by kind."""

    ids: dict[Kind, set[bytes]] = field(default_factory=lambda: {kind: set() for kind in Kind})


class _Pin(weakref.ref[object]):
    """An owner with what it pins; compared by identity, because owners may be equal."""

    __slots__ = ("ids", "kind")
    kind: Kind
    ids: Sequence[bytes]

    __eq__ = object.__eq__
    __hash__ = object.__hash__


class Pins:
    """All pins. Safe to use from several threads."""

    def __init__(self) -> None:
        self._pins: set[_Pin] = set()  # changed by single operations only: owners may die while a lock is held
        self._lock = threading.Lock()
        self._used: set[bytes] | None = None  # None: no collection runs
        self._late_roots: set[bytes] = set()
        self._doomed: frozenset[bytes] = frozenset()

    def hold(self, owner: object, kind: Kind, ids: Sequence[bytes]) -> None:
        """Keep ``ids`` for as long as ``owner`` lives. Each item is one id or several joined; a list may grow.

        What is read from a snapshot must be held before the snapshot's block ends; a growing list must get an id
        before :meth:`use` is asked for it.
        """
        pin = _Pin(owner, self._pins.discard)
        pin.kind, pin.ids = kind, ids
        self._pins.add(pin)
        if self._used is not None:
            with self._lock:
                self._note(kind, ids)

    def use(self, id_: bytes) -> bool:
        """Whether a stored ``id_`` may be relied on from now on; else it is on its way out and has to be made anew."""
        if self._used is None:
            return True
        with self._lock:
            self._note(Kind.CHUNK, (id_,))
            return id_ not in self._doomed

    def use_all(self, ids: Collection[bytes]) -> None:
        """Inside ``Database.write()``, where nothing is on its way out: rely on all of ``ids``."""
        if self._used is not None:
            with self._lock:
                self._note(Kind.CHUNK, tuple(ids))

    def begin(self) -> Held:
        """Inside ``Database.write()``: begin to note what is used, and give what is pinned at this moment."""
        with self._lock:
            self._used, self._late_roots = set(), set()
        held = Held()
        for pin in self._pins.copy():
            held.ids[pin.kind].update(split(pin.ids))
        return held

    def end(self) -> None:
        """The collection is over."""
        with self._lock:
            self._used, self._late_roots = None, set()

    def late_roots(self) -> set[bytes]:
        """The roots that were pinned since :meth:`begin`."""
        with self._lock:
            return set(self._late_roots)

    def doom(self, ids: Iterable[bytes]) -> list[bytes]:
        """Those of ``ids`` that nobody has used since :meth:`begin`; nobody will until :meth:`spare` is called."""
        with self._lock:
            used = self._used or set()
            self._doomed = frozenset(id_ for id_ in ids if id_ not in used)
            return list(self._doomed)

    def spare(self) -> None:
        """What was doomed is gone, or is to stay after all."""
        with self._lock:
            self._doomed = frozenset()

    def _note(self, kind: Kind, ids: Iterable[bytes]) -> None:
        if self._used is not None:
            self._used.update(split(ids))
            if kind is Kind.ROOT:
                self._late_roots.update(ids)


def split(ids: Iterable[bytes]) -> Iterator[bytes]:
    """Single ids out of joined ones."""
    for joined in tuple(ids):
        if len(joined) == ID_BYTES:
            yield joined
        else:
            yield from (joined[start : start + ID_BYTES] for start in range(0, len(joined), ID_BYTES))
