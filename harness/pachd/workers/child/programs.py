"""The folder of our own programs that a command finds at the end of its PATH, as Pachyderm's workers have one."""

from __future__ import annotations

import os


def install(folder: str, python: str, packages: str) -> None:
    """Put ``pachctl`` there: a script that has the server's Python run ours, without any site-packages."""
    os.makedirs(folder, exist_ok=True)
    program = f"import sys; sys.path.append({packages!r}); from harness.pachd.workers.child.pachctl import main; main()"
    path = os.path.join(folder, "pachctl")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\nexec {_quoted(python)} -I -S -X utf8 -c {_quoted(program)} "$@"\n')
    os.chmod(path, 0o755)  # noqa: S103 -- it is a program, for every user


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"
