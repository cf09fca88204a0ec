"""What the groups of a glob capture, in bounded time.

Ways to match are ordered as in a regular expression: alternatives from left to right, and as much as possible of what
repeats. Backwards, first, it is found at which positions each state of an automaton can be so that the rest of the path
still matches. Forwards, then, at each state the first way on that leads to such a position is the right one, and
nothing is tried in vain. Both take (size of the pattern) times (length of the path) steps at most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.pfs.glob_matching import Text
from harness.pachd.pfs.glob_program import Program

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.pachd.pfs.glob_program import Step
    from harness.pachd.pfs.glob_syntax import Item


class Captures:
    """Finds what the groups of a pattern capture."""

    def __init__(self, items: tuple[Item, ...]) -> None:
        self._program = Program(items)

    def find(self, path: str) -> tuple[str, ...]:
        """What each group captures of a path that matches; nothing where it has no part in that."""
        text = Text(path)
        reached = self._reach(text, {})
        guards = [step for steps in self._program.steps for step in steps if step.unless is not None]
        # !(x) is barred where x and then any rest of the pattern, its own exceptions aside, would match.
        barred = {guard.number: _before(guard, text, reached[guard.rest]) for guard in guards}
        if barred:
            reached = self._reach(text, barred)
        return self._walk(path, text, reached, barred)

    def _walk(self, path: str, text: Text, reached: list[int], barred: Mapping[int, int]) -> tuple[str, ...]:
        begins, captured = [0] * self._program.groups, [""] * self._program.groups
        state, position = self._program.begin, len(path)
        while state != self._program.end:
            for step in self._program.steps[state]:
                end = -1 if barred.get(step.number, 0) >> position & 1 else step.end(text, position, reached[step.to])
                if end >= 0:
                    state, position = step.to, end
                    break
            else:
                raise AssertionError(f"{path!r} does not match")
            group, ends = self._program.marks.get(state, (-1, False))
            if ends:
                captured[group] = path[len(path) - begins[group] : len(path) - position]
            elif group >= 0:
                begins[group] = position
        return tuple(captured)

    def _reach(self, text: Text, barred: Mapping[int, int]) -> list[int]:
        """The positions of each state from which the rest of the path matches."""
        before: list[list[tuple[int, Step]]] = [[] for _ in self._program.steps]
        for state, steps in enumerate(self._program.steps):
            for step in steps:
                before[step.to].append((state, step))
        reached = [0] * len(self._program.steps)
        waiting = {self._program.end: 1}
        while waiting:
            state, positions = waiting.popitem()
            new = positions & ~reached[state]
            reached[state] |= new
            for origin, step in before[state] if new else ():
                moved = text.step(new, step.one, step.repeats) & ~barred.get(step.number, 0)
                waiting[origin] = waiting.get(origin, 0) | moved
        return reached


def _before(guard: Step, text: Text, ends: int) -> int:
    assert guard.unless is not None  # noqa: S101 -- only such steps are guards
    return guard.unless.before(text, ends)
