"""Processes that user code left, or did not."""

from __future__ import annotations

import os
import select
from contextlib import suppress
from pathlib import Path

DEADLINE = 30.0  # seconds; a process that is still there then was not ended


def with_words(words: str) -> list[int]:
    """The processes of this machine whose command line holds ``words``."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            with suppress(OSError):
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                found += [int(folder.name)] if words in line else []
    return found


def wait_until_gone(pids: list[int]) -> None:
    """Return when none of the processes is there any more."""
    for pid in pids:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            assert select.select([handle], [], [], DEADLINE)[0], f"process {pid} is still there"
        finally:
            os.close(handle)
