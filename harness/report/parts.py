"""Scenarios as the report shows them: grouped by the file they stand in, under that file's own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.evidence.story import Chapter, Outcome


@dataclass(frozen=True)
class Part:
    """The scenarios of one file, each with its place among all scenarios, from 1."""

    file: str
    title: str
    story: str
    chapters: tuple[tuple[int, Chapter], ...]

    @property
    def outcome(self) -> Outcome:
        """The worst that happened; ``skipped`` only if nothing was done."""
        outcomes = {chapter.outcome for _, chapter in self.chapters}
        if "failed" in outcomes:
            return "failed"
        return "passed" if "passed" in outcomes else "skipped"

    @property
    def checks(self) -> int:
        """How many checks its scenarios made."""
        return sum(len(chapter.checks) for _, chapter in self.chapters)

    @property
    def duration(self) -> float:
        """The seconds its scenarios took."""
        return sum(chapter.duration for _, chapter in self.chapters)


def parts(chapters: Iterable[Chapter]) -> tuple[Part, ...]:
    """The parts in the order of their first scenarios."""
    files: dict[str, list[tuple[int, Chapter]]] = {}
    for place, chapter in enumerate(chapters, start=1):
        files.setdefault(chapter.nodeid.partition("::")[0], []).append((place, chapter))
    return tuple(_part(file, found) for file, found in files.items())


def _part(file: str, found: list[tuple[int, Chapter]]) -> Part:
    words = next((chapter.part.strip() for _, chapter in found if chapter.part.strip()), "")
    title, _, story = words.partition("\n")
    return Part(file, title.removesuffix(".") or _spoken(file), " ".join(story.split()), tuple(found))


def _spoken(file: str) -> str:
    """``scenarios/test_initial_training.py`` as "Initial training"."""
    name = file.rpartition("/")[2].removesuffix(".py").removeprefix("test_")
    return name.replace("_", " ").capitalize()
