"""What a command left in ``/pfs/out``, by the names it gets in PFS (Pachyderm 2.7's upload rules)."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from harness.pachd.workers.child.harvest import PFS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from harness.pachd.store.contents import Content
    from harness.pachd.workers.contract import Input

_GLOBBING = "*?[]{}!()@+^"


class OutputError(Exception):
    """Something in ``/pfs/out`` cannot be stored; the message is what the datum fails with."""


def collect(output: Path, inputs: Iterable[Input] = ()) -> Iterator[tuple[str, str | Content]]:
    """Yield (path in PFS such as ``/a/b``, file on the host or content) of everything below ``output``, names sorted.

    Named pipes and empty folders are left out. A symbolic link is one that the worker left: to ``/pfs/<input>/...``,
    for a file or folder of an input as PFS has it. Raises :class:`OutputError` for sockets and devices, and for names
    PFS cannot have.
    """
    named = {wanted.name: wanted for wanted in inputs}
    left = [("", str(output))]  # the next one is the last; no path objects, as every datum comes here
    while left:
        path, place = left.pop()
        mode = os.lstat(place).st_mode
        if stat.S_ISDIR(mode):
            left += [(f"{path}/{name}", f"{place}/{name}") for name in sorted(os.listdir(place), reverse=True)]
        elif stat.S_ISREG(mode):
            _check_name(path)
            yield path, place
        elif stat.S_ISLNK(mode):
            yield from _originals(path, os.readlink(place), named)
        elif not stat.S_ISFIFO(mode):
            raise OutputError(f"cannot upload {path[1:]}: it is a socket or a device, not a file")


def _originals(path: str, target: str, named: Mapping[str, Input]) -> Iterator[tuple[str, Content]]:
    name, _, inside = target.removeprefix(f"{PFS}/").partition("/")
    for below, content in named[name].originals(inside):
        _check_name(path + below)
        yield path + below, content


def _check_name(path: str) -> None:
    reason = next((f"globbing character ({sign}) not allowed in path" for sign in path if sign in _GLOBBING), "")
    if not all(" " <= sign <= "~" for sign in path):
        reason = "only printable ASCII characters allowed"
    if reason:
        shown = path.encode("utf-8", "backslashreplace").decode()
        raise OutputError(
            "cannot upload file produced by the user code because its name cannot be represented in PFS: "
            f"path ({shown}) invalid: {reason}"
        )
