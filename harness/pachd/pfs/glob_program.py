"""Globs as automata whose ways on are in order: see :mod:`.glob_captures`.

A round of a repetition that takes no character is none, else there might be no end of them. So a place inside of one
is two states: of rounds that have taken no character yet, and of all others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from harness.pachd.pfs.glob_matching import Automaton
from harness.pachd.pfs.glob_syntax import IN_ELEMENT, Group, Wildcard

if TYPE_CHECKING:
    from harness.pachd.pfs.glob_matching import Text
    from harness.pachd.pfs.glob_syntax import Item


class _Place(NamedTuple):
    """A place in the pattern, as two states."""

    fresh: int
    moved: int


@dataclass(frozen=True)
class Step:
    """A way on: over one character that matches ``one``, over any number of them, or over nothing.

    It must not begin where ``unless`` matches, followed by what matches from state ``rest`` on.
    """

    number: int
    to: int
    one: str = ""
    repeats: bool = False
    unless: Automaton | None = None
    rest: int = 0

    def end(self, text: Text, position: int, ends: int) -> int:
        """Where it leads from ``position``: as far as possible, to one of ``ends``; -1 where there is none."""
        if not self.one:
            reachable = 1 << position
        elif self.repeats:
            barriers = ~text.mask(self.one) & (1 << position) - 1
            reachable = (1 << position + 1) - (1 << barriers.bit_length())
        else:
            reachable = (1 << position >> 1) & text.mask(self.one)
        found = ends & reachable
        return (found & -found).bit_length() - 1


class Program:
    """What a pattern is made into.

    ``steps`` has the ways on from each state in order. ``marks`` tells of states where a group begins (its number,
    False) or ends (its number, True). ``groups`` are numbered in the order in which they open.
    """

    def __init__(self, items: tuple[Item, ...]) -> None:
        self.steps: list[list[Step]] = []
        self.marks: dict[int, tuple[int, bool]] = {}
        self.groups = 0
        self._count = 0
        begin, end = self._place(), self._place()
        self.begin, self.end = begin.moved, end.moved
        self._sequence(items, begin, end)

    def _sequence(self, items: tuple[Item, ...], begin: _Place, end: _Place) -> None:
        for item in items:
            behind = self._place()
            if isinstance(item, Group):
                self._group(item, begin, behind)
            elif isinstance(item, Wildcard) and item.repeats:
                self._run(item.one, begin, behind)
            else:
                one = item.regex
                for state in begin:
                    self._step(state, behind.moved, one)
            begin = behind
        self._pass(begin, end)

    def _run(self, one: str, begin: _Place, end: _Place) -> None:
        self._step(begin.moved, end.moved, one, repeats=True)
        more = self._state()
        self._step(begin.fresh, more, one)
        self._step(more, end.moved, one, repeats=True)
        self._step(begin.fresh, end.fresh)

    def _group(self, group: Group, begin: _Place, end: _Place) -> None:
        opened, closed = self._place(), self._place()
        self._pass(begin, opened)
        self._pass(closed, end)
        if group.kind != "{":
            number, self.groups = self.groups, self.groups + 1
            self.marks.update(dict.fromkeys(opened, (number, False)) | dict.fromkeys(closed, (number, True)))
        if group.kind == "!":
            self._except(group, opened, closed)
        elif group.kind in "*+":
            self._repeat(group, opened, closed)
        else:
            for choice in group.choices:
                self._sequence(choice, opened, closed)
            if group.kind == "?":
                self._pass(opened, closed)

    def _repeat(self, group: Group, begin: _Place, end: _Place) -> None:
        round_, nowhere, again = self._place(), self._place(), self._state()
        for choice in group.choices:
            self._sequence(choice, round_, _Place(nowhere.fresh, again))
        self._step(again, round_.fresh)
        self._step(again, end.moved)
        for state, behind in zip(begin, end, strict=True):
            self._step(state, round_.fresh)
            if group.kind == "*" or _may_be_empty(group):
                self._step(state, behind)

    def _except(self, group: Group, begin: _Place, end: _Place) -> None:
        unless, anything = Automaton(group.choices), self._place()
        for state, behind in zip(begin, anything, strict=True):
            self._step(state, behind, unless=unless, rest=end.moved)
        self._run(IN_ELEMENT, anything, end)

    def _pass(self, begin: _Place, end: _Place) -> None:
        for state, behind in zip(begin, end, strict=True):
            self._step(state, behind)

    def _step(
        self,
        state: int,
        to: int,
        one: str = "",
        *,
        repeats: bool = False,
        unless: Automaton | None = None,
        rest: int = 0,
    ) -> None:
        self.steps[state].append(Step(self._count, to, one, repeats, unless, rest))
        self._count += 1

    def _place(self) -> _Place:
        return _Place(self._state(), self._state())

    def _state(self) -> int:
        self.steps.append([])
        return len(self.steps) - 1


def _may_be_empty(group: Group) -> bool:
    return any(all(map(_item_may_be_empty, choice)) for choice in group.choices)


def _item_may_be_empty(item: Item) -> bool:
    if isinstance(item, Group):
        return item.kind in "?*!" or _may_be_empty(item)
    return isinstance(item, Wildcard) and item.repeats
