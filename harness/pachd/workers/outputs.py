"""What a command left in ``/pfs/out``, by the names it gets in PFS (Pachyderm 2.7's upload rules)."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_GLOBBING = "*?[]{}!()@+^"


class OutputError(Exception):
    """Something in ``/pfs/out`` cannot be stored; the message is what the datum fails with."""


def collect(output: Path) -> Iterator[tuple[str, Path]]:
    """Yield (path in PFS such as ``/a/b``, file on the host) of every regular file below ``output``, names sorted.

    Named pipes and empty folders are left out. The worker has replaced symbolic links by what they led to, so one that
    is left leads nowhere. Raises :class:`OutputError` for that, for sockets and devices, and for names PFS cannot have.
    """
    yield from _walk(output, "")


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    for file in sorted(folder.iterdir()):
        path = f"{prefix}/{file.name}"
        mode = file.lstat().st_mode
        if stat.S_ISDIR(mode):
            yield from _walk(file, path)
        elif stat.S_ISREG(mode):
            _check_name(path)
            yield path, file
        elif stat.S_ISLNK(mode):
            raise OutputError(
                f"cannot upload {path[1:]}: a symbolic link to {file.readlink()}, which is no file or folder, "
                "or one that contains the link"
            )
        elif not stat.S_ISFIFO(mode):
            raise OutputError(f"cannot upload {path[1:]}: it is a socket or a device, not a file")


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
