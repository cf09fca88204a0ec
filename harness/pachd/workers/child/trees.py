"""Removing and adjusting folders that strangers filled."""

from __future__ import annotations

import os
import stat
from contextlib import suppress

# A path longer than 4096 bytes cannot be named, but it can be made, step by step.
_LONG = 2000


def remove(path: str) -> None:
    """Remove a file or a folder with all that is in it, whatever its mode bits and depth; nothing there is fine."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
    except (IsADirectoryError, PermissionError):  # Linux says the one of a folder, macOS the other
        moved = 0
        left = [path]  # folders; the last one is to be emptied, or removed if it is empty
        while left:
            below = _remove_files(left[-1])
            if not below:
                with suppress(FileNotFoundError):  # somebody else removes it too
                    os.rmdir(left.pop())
            for folder in below:
                if len(os.fsencode(folder)) > _LONG:
                    moved += 1
                    os.rename(folder, f"{path}.{moved}")
                    left.append(f"{path}.{moved}")
                else:
                    left.append(folder)


def _remove_files(folder: str) -> list[str]:
    """Remove what is in a folder but folders, and give those."""
    folders = []
    with suppress(FileNotFoundError):
        os.chmod(folder, stat.S_IRWXU)
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    os.unlink(entry.path)
    return folders


def give(path: str, uid: int, gid: int) -> None:
    """Change the owner of a folder and everything in it."""
    os.chown(path, uid, gid)
    for folder, folders, files in os.walk(path):
        for name in folders + files:
            os.chown(os.path.join(folder, name), uid, gid, follow_symlinks=False)
