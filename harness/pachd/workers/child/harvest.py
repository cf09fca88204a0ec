"""Making ``/pfs/out`` readable by the server, while ``/pfs`` still is what the command saw."""

from __future__ import annotations

import os
import stat

from harness.pachd.workers.child import trees

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    # Its path, its path without links, and those of the folders that links led to on the way to it.
    Folder = tuple[str, str, tuple[str, ...]]

PFS = "/pfs"


class DeadLinkError(Exception):
    """A symbolic link in the output leads nowhere, or to a folder that contains it; the message says which."""


class Harvest:
    """Settles the links of one output folder."""

    def __init__(self, output: str, own: str, origin: Callable[[str], str | None]) -> None:
        """``origin`` tells what an absolute path without links in it shows of an input that was left as it was.

        The answer is ``/pfs/<input>/...``, None for everything else. Files below ``own`` are this task's alone.
        """
        self._output = output
        self._own = os.path.realpath(own) + "/"
        self._origin = origin

    def settle(self) -> None:
        """Make everything readable, and every link one to ``/pfs/<input>/...`` or a copy of what it leads to.

        Raises :class:`DeadLinkError` and OSError.
        """
        left: list[Folder] = [(self._output, os.path.realpath(self._output), ())]
        while left:
            folder, real, through = left.pop()
            mode = os.stat(folder).st_mode
            if mode & stat.S_IRWXU != stat.S_IRWXU:
                os.chmod(folder, mode | stat.S_IRWXU)
            with os.scandir(folder) as found:
                entries = list(found)
            for entry in entries:
                if entry.is_symlink():
                    left += self._replace(entry.path, (real, *through))
                elif entry.is_dir():
                    left.append((entry.path, f"{real}/{entry.name}", through))
                elif entry.is_file() and not entry.stat().st_mode & stat.S_IRUSR:
                    os.chmod(entry.path, stat.S_IRUSR)

    def _replace(self, link: str, above: tuple[str, ...]) -> list[Folder]:
        """Settle one link below the folders ``above``; the folder to do, if it has become one."""
        target = os.path.realpath(link)
        folder = os.path.isdir(target)
        if not os.path.exists(target) or (folder and any(f"{place}/".startswith(f"{target}/") for place in above)):
            self._refuse(link)
        origin = self._origin(target)
        if origin is not None:
            os.unlink(link)
            os.symlink(origin, link)
        elif folder:
            _copy_folder(target, link)
            return [(link, link, (*above, target))]
        elif os.path.isfile(target):
            self._copy(target, link)
        elif stat.S_ISFIFO(os.stat(target).st_mode):
            os.unlink(link)  # a pipe is left out, however it got there
        else:
            self._refuse(link)
        return []

    def _copy(self, target: str, link: str) -> None:
        os.unlink(link)
        if target.startswith(self._own):
            try:
                os.link(target, link)
            except OSError:  # of another mount, or a file system without hard links
                pass
            else:
                return
        import shutil  # 10 ms to import

        shutil.copyfile(target, link)

    def _refuse(self, link: str) -> None:
        raise DeadLinkError(
            f"cannot upload {os.path.relpath(link, self._output)}: a symbolic link to {os.readlink(link)}, which is no "
            "file or folder, or one that contains the link"
        )


def _copy_folder(target: str, link: str) -> None:
    """One level: links in it are made anew, absolute, and are settled in their turn."""
    entries = os.listdir(target)
    trees.remove(link)
    os.mkdir(link)
    for name in entries:
        os.symlink(os.path.join(target, name), os.path.join(link, name))
