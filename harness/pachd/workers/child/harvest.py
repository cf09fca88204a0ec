"""Making ``/pfs/out`` readable by the server, while ``/pfs`` still is what the command saw."""

from __future__ import annotations

import os
import stat

from harness.pachd.workers.child import trees


def settle(folder: str, above: tuple[str, ...] = ()) -> None:
    """Replace every symbolic link below ``folder`` by a copy of what it leads to, and make all of it readable.

    Links that lead nowhere, or to a folder that contains them (``above`` holds the real paths of those), are left for
    the server to complain about.
    """
    above = (*above, os.path.realpath(folder))
    mode = os.stat(folder).st_mode
    if mode & stat.S_IRWXU != stat.S_IRWXU:
        os.chmod(folder, mode | stat.S_IRWXU)
    with os.scandir(folder) as found:
        entries = list(found)
    for entry in entries:
        if entry.is_symlink():
            _replace(entry.path, above)
        elif entry.is_dir():
            settle(entry.path, above)
        elif entry.is_file() and not entry.stat().st_mode & stat.S_IRUSR:
            os.chmod(entry.path, stat.S_IRUSR)


def _replace(link: str, above: tuple[str, ...]) -> None:
    target = os.path.realpath(link)
    if os.path.isfile(target):
        import shutil  # 10 ms to import, links are rare

        os.unlink(link)
        shutil.copyfile(target, link)
    elif os.path.isdir(target) and target not in above:
        _copy_folder(target, link)
        settle(link, (*above, target))


def _copy_folder(target: str, link: str) -> None:
    """One level: links in it are made anew, absolute, and are settled in their turn."""
    entries = os.listdir(target)
    trees.remove(link)
    os.mkdir(link)
    for name in entries:
        os.symlink(os.path.join(target, name), os.path.join(link, name))
