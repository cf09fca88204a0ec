"""A folder for ``/pfs``: what a command sees of the world where there are no mount namespaces."""

from __future__ import annotations

import os
import re

from harness.pachd.workers.child import trees
from harness.pachd.workers.child.harvest import PFS, Harvest
from harness.pachd.workers.child.worlds import open_pipes, write_env_file, write_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from harness.pachd.workers.child.channel import Message
    from harness.pachd.workers.child.pipes import Pipes
    from harness.pachd.workers.child.program import Owner
    from harness.pachd.workers.child.worlds import Links, Mounts


class RewrittenView:
    """A plain folder that stands for ``/pfs``, and one that stands for the image's working directory.

    Inputs are copied. Commands, their input and their environment get the folders' names put in for ``/pfs`` and the
    working directory; what a program has written in its own text is out of reach, so PFS_ROOT tells it too.
    """

    def __init__(self, scratch: str, image_files: str | None, workdir: str, mounts: Mounts, links: Links) -> None:
        self._scratch, self._image_files = scratch, image_files
        self._folder = self._pfs = self._work = self.output = ""
        self._empty: list[str] = []
        self._built = False  # what stays from datum to datum of a batch
        self.pipes: Pipes | None = None
        self.programs = os.path.join(scratch, "pach-bin")
        self._mounts = {
            place.rstrip("/"): os.path.join(scratch, f"mount-{number}") for number, place in enumerate(mounts)
        }
        for folder, files in zip(self._mounts.values(), mounts.values(), strict=True):
            os.mkdir(folder, 0o700)
            write_files(folder, files, 0o600)
        self._links = {link: os.path.relpath(target, workdir) for link, target in links.items()}
        places = [*self._mounts, *links, PFS] if workdir == "/" else [*self._mounts, *links, PFS, workdir]
        # A place counts where a path starts and where its last name ends: not in "/data/pfs" or "/pfsx".
        names = "|".join(re.escape(place.rstrip("/")) for place in sorted(places, key=len, reverse=True))
        self._pattern = re.compile(rf"(?<![\w./~)}}-])({names})(?![\w-]|\.\w)")

    def open(self, task: Message, owner: Owner | None) -> dict[str, str]:
        """Copy everything to a folder for a task, in a batch to the last one's; its variables as they are in it."""
        if not self._built:
            self._build(str(task["task"]))
        trees.remove(self._pfs)
        os.makedirs(self.output)
        self._empty = task["empty"]
        for name, folder in task["inputs"]:
            self._copy(folder, os.path.join(self._pfs, name))
        self.pipes = open_pipes(self._scratch, task)
        for name, folder in self.pipes.folders.items() if self.pipes else ():
            os.symlink(folder, os.path.join(self._pfs, name))
        shown = {name: self.shown(value) for name, value in task["env"].items()} | {"PFS_ROOT": self._pfs}
        write_env_file(self._pfs, shown)
        if owner:
            for folder in (self._folder, *self._mounts.values()):
                trees.give(folder, owner.uid, owner.gid)
        return shown

    def harvest(self) -> None:
        """Settle the output. Raises DeadLinkError and OSError."""
        Harvest(self.output, self._folder, self._origin).settle()

    def close(self, *, batch: bool) -> None:
        """Leave the output to the server, and the rest to the next datum of a ``batch``; otherwise it goes then."""
        self._built = batch
        if self.pipes is not None:
            self.pipes.close()
            self.pipes = None

    def _build(self, task: str) -> None:
        if self._folder:
            trees.remove(self._folder)
        self._folder = os.path.join(self._scratch, f"task-{task}")
        self._pfs, self._work = os.path.join(self._folder, "pfs"), os.path.join(self._folder, "work")
        self.output = os.path.join(self._pfs, "out")
        os.mkdir(self._folder)
        if self._image_files is None:
            os.mkdir(self._work)
        else:
            self._copy(self._image_files, self._work)

    def _copy(self, folder: str, target: str) -> None:
        import shutil  # 10 ms to import

        shutil.copytree(folder, target, symlinks=True)

    def _origin(self, path: str) -> str | None:
        """See Harvest. Whether a copy was changed cannot be told without reading it, but for files without content."""
        if self.pipes is not None:
            name, _, inside = os.path.relpath(path, os.path.realpath(self.pipes.shown)).partition("/")
            if self.pipes.has(name, inside):
                return os.path.join(PFS, name, inside)
        name, _, inside = os.path.relpath(path, os.path.realpath(self._pfs)).partition("/")
        if name in self._empty and os.path.isfile(path) and not os.path.getsize(path):
            return os.path.join(PFS, name, inside)
        return None

    def shown(self, text: str) -> str:
        """``text`` with this task's folders put in."""
        linked = {link: os.path.join(self._work, inside) for link, inside in self._links.items()}
        folders = {**linked, **self._mounts, PFS: self._pfs}
        return self._pattern.sub(lambda found: folders.get(found[1], self._work), text)

    def directory(self, path: str) -> str:
        """The folder that stands for a working directory; a private one for the root folder."""
        return self._work if path == "/" else self.shown(path)
