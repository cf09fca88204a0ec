"""Matching globs in bounded time.

A regular expression tries one way after the other, and a pattern can be written for which there are more ways than
anybody can wait for. Here all ways are followed at once: for each state of an automaton, the set of all positions of
the path at which it can be, as the bits of one integer. That takes at most (size of the pattern) times (length of the
path) steps, whatever the pattern.

Everything runs from the end of the path to its beginning, because ``!(...)`` looks at what comes behind it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.pachd.pfs.glob_syntax import IN_ELEMENT, Char, Group, Wildcard

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.pachd.pfs.glob_syntax import Item

_END = 0


@dataclass(frozen=True)
class _Edge:
    """A step towards the beginning: over one character that matches ``one``, over any number of them, or over nothing.

    It must not end where ``unless`` matches, followed by what the rest of the pattern matches.
    """

    number: int
    to: int
    one: str = ""
    repeats: bool = False
    unless: Automaton | None = None


class Automaton:
    """Matches what one of ``choices`` matches."""

    def __init__(self, choices: Iterable[tuple[Item, ...]]) -> None:
        self._edges: list[list[_Edge]] = [[]]
        self._exceptions: list[tuple[int, _Edge]] = []
        self._count = 0
        self._begin = self._state()
        for choice in dict.fromkeys(choices):
            self._connect(self._sequence(choice, _END), self._begin)

    def match(self, path: str) -> bool:
        """Whether the whole of ``path`` matches."""
        text = Text(path)
        reached = self._reach(text, 1, {})
        if self._exceptions:
            # !(x) is barred where x and then any rest of the pattern, its own exceptions aside, would match.
            barred = {edge.number: _before(edge, text, reached[behind]) for behind, edge in self._exceptions}
            reached = self._reach(text, 1, barred)
        return bool(reached[self._begin] >> len(path) & 1)

    def before(self, text: Text, ends: int) -> int:
        """The positions from which a match leads to one of ``ends``, exceptions aside."""
        return self._reach(text, ends, {})[self._begin]

    def _reach(self, text: Text, ends: int, barred: Mapping[int, int]) -> list[int]:
        """The positions of each state, where those of the end state are ``ends``."""
        reached = [0] * len(self._edges)
        waiting = {_END: ends}
        while waiting:
            state, positions = waiting.popitem()
            new = positions & ~reached[state]
            if not new:
                continue
            reached[state] |= new
            for edge in self._edges[state]:
                moved = text.step(new, edge.one, edge.repeats) & ~barred.get(edge.number, 0)
                waiting[edge.to] = waiting.get(edge.to, 0) | moved
        return reached

    def _sequence(self, items: tuple[Item, ...], behind: int) -> int:
        """The state before ``items``, which lead to the state ``behind``."""
        for item in reversed(items):
            before = self._state()
            if isinstance(item, Char):
                self._connect(behind, before, item.regex)
            elif isinstance(item, Wildcard):
                self._connect(behind, before, item.one, repeats=item.repeats)
            elif item.kind == "!":
                self._except(behind, before, item)
            else:
                self._group(behind, before, item)
            behind = before
        return behind

    def _group(self, behind: int, before: int, group: Group) -> None:
        inner = self._state()  # of its own, so that a repetition leads nowhere but into this group
        self._connect(behind, inner)
        for choice in dict.fromkeys(group.choices):
            self._connect(self._sequence(choice, inner), before)
        if group.kind in "?*":
            self._connect(behind, before)
        if group.kind in "*+":
            self._connect(before, inner)

    def _except(self, behind: int, before: int, group: Group) -> None:
        edge = _Edge(self._count, before, IN_ELEMENT, repeats=True, unless=Automaton(group.choices))
        self._exceptions.append((behind, edge))
        self._add(behind, edge)

    def _connect(self, behind: int, before: int, one: str = "", *, repeats: bool = False) -> None:
        self._add(behind, _Edge(self._count, before, one, repeats))

    def _add(self, behind: int, edge: _Edge) -> None:
        self._edges[behind].append(edge)
        self._count += 1

    def _state(self) -> int:
        self._edges.append([])
        return len(self._edges) - 1


class Text:
    """A path. Bit n of a set of positions stands for the one with n characters behind it."""

    def __init__(self, path: str) -> None:
        self._places: dict[str, int] = {}
        for position, char in enumerate(reversed(path)):
            self._places[char] = self._places.get(char, 0) | 1 << position
        self._masks: dict[str, int] = {}

    def step(self, positions: int, one: str, repeats: bool) -> int:
        """Where a step that begins at ``positions`` can end."""
        if not one:
            return positions
        mask = self.mask(one)
        if repeats:  # an addition carries each position to the end of its run of matching characters
            return ((positions & mask) + mask ^ mask) | positions
        return (positions & mask) << 1

    def mask(self, one: str) -> int:
        """The positions with a character before them that matches."""
        mask = self._masks.get(one)
        if mask is None:
            mask = self._masks[one] = self._find(one)
        return mask

    def _find(self, one: str) -> int:
        regex, mask = _compiled(one), 0
        for char, places in self._places.items():
            if regex.fullmatch(char):
                mask |= places
        return mask


def _before(edge: _Edge, text: Text, ends: int) -> int:
    assert edge.unless is not None  # noqa: S101 -- only such edges are exceptions
    return edge.unless.before(text, ends)


@lru_cache(512)
def _compiled(one: str) -> re.Pattern[str]:
    return re.compile(one, re.DOTALL)
