"""What a worker gets of a task's inputs: folders with their files, and lists of those that are to be named pipes."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import ExitStack

    from harness.pachd.workers.contract import Input
    from harness.pachd.workers.inputs import InputCache

# Each takes the worker a file descriptor, of which processes have 1,024.
MOST_PIPES = 500


@dataclass
class Given:
    """``contents`` are hashes of the pipes' files by input and path, ``size`` the bytes of all other files."""

    folders: list[tuple[str, str]] = field(default_factory=list)
    pipes: list[tuple[str, list[str]]] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    contents: dict[tuple[str, str], bytes] = field(default_factory=dict)
    size: int = 0

    def message(self) -> dict[str, Any]:
        """What the worker is told."""
        return {"inputs": self.folders, "pipes": self.pipes, "empty": self.empty}


def give(inputs: Iterable[Input], cache: InputCache, held: ExitStack) -> Given:
    """Have copies of ``inputs`` ready for as long as ``held`` is open. Raises OSError and the store's errors."""
    given = Given()
    for wanted in inputs:
        if wanted.empty:
            given.empty.append(wanted.name)
        elif wanted.lazy and _make_pipes(given, wanted):
            continue
        copy = held.enter_context(cache.hold(wanted))
        given.folders.append((wanted.name, str(copy.folder)))
        given.size += copy.size
    return given


def _make_pipes(given: Given, wanted: Input) -> bool:
    room = MOST_PIPES - len(given.contents)
    files = list(islice(wanted.files(), room + 1)) if sys.platform == "linux" else []
    if not 0 < len(files) <= room:
        return False
    given.pipes.append((wanted.name, [path for path, _ in files]))
    given.contents.update(((wanted.name, path), content) for path, content in files)
    return True
