"""Removing and adjusting folders that strangers filled."""

from __future__ import annotations

import os
import stat
from contextlib import suppress


def remove(path: str) -> None:
    """Remove a file or a folder with all that is in it, whatever its mode bits; nothing there is fine."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
    except (IsADirectoryError, PermissionError):  # Linux says the one of a folder, macOS the other
        with suppress(FileNotFoundError):  # somebody else removes it too
            os.chmod(path, stat.S_IRWXU)
            for name in os.listdir(path):
                remove(os.path.join(path, name))
            os.rmdir(path)


def give(path: str, uid: int, gid: int) -> None:
    """Change the owner of a folder and everything in it."""
    os.chown(path, uid, gid)
    for folder, folders, files in os.walk(path):
        for name in folders + files:
            os.chown(os.path.join(folder, name), uid, gid, follow_symlinks=False)
