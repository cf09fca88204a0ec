"""What the groups of a glob capture, in bounded time.

The ways to match are ordered as in a regular expression: earlier alternatives first, and as many as possible of what
repeats. Going backwards, first, it is found at which positions each state of an automaton can be so that the rest of
the path still matches; going forwards then, at each state the first way that leads to such a position is the right one,
and nothing is ever tried in vain. As in :mod:`.glob_matching`, that takes (size of the pattern) times (length of the
path) steps at most.

A repetition goes round only over characters, so that it ends. So states inside of one are there twice: for rounds that
have come over a character already, and for those that have not (Ends).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from harness.pachd.pfs.glob_matching import Automaton, Text
from harness.pachd.pfs.glob_syntax import IN_ELEMENT, Char, Group, Wildcard

if TYPE_CHECKING:
    from harness.pachd.pfs.glob_syntax import Item


class _Ends(NamedTuple):
    """Two states that stand for the same place of a pattern.

    ``moved``: the innermost repetition around it has come over a character in this round; ``fresh``: it has not. Where
    it must have, ``fresh`` is None.
    """

    fresh: int | None
    moved: int


class _Step(NamedTuple):
    """A way on: over one character that matches ``one``, over any number of them, or over nothing.

    It may not begin where ``unless`` matches, followed by what the rest of the pattern matches (see Automaton).
    """

    to: int
    one: str = ""
    repeats: bool = False
    unless: Automaton | None = None


class Captures:
    """Finds what the groups of a pattern capture."""

    def __init__(self, items: tuple[Item, ...]) -> None:
        self._steps: list[list[_Step]] = [[]]
        self._marks: dict[int, int] = {}  # state -> 2 * group where it opens, and one more where it closes
        self._groups = 0
        number(items)
        self._begin = self._sequence(items, _Ends(None, 0)).moved
