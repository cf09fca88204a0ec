"""A private ``/pfs``: what a command sees of the world where the system has mount namespaces."""

from __future__ import annotations

import os

from harness.pachd.workers.child import linux, root, trees
from harness.pachd.workers.child.harvest import PFS, Harvest
from harness.pachd.workers.child.worlds import open_pipes, write_env_file, write_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from harness.pachd.workers.child.channel import Message
    from harness.pachd.workers.child.pipes import Pipes
    from harness.pachd.workers.child.program import Owner
    from harness.pachd.workers.child.worlds import Links, Mounts


class PrivateView:
    """A real ``/pfs`` in a private root: inputs are overlay mounts, so nothing is copied and nothing can be harmed."""

    programs = "/pach-bin"

    def __init__(self, scratch: str, image_files: str | None, workdir: str, mounts: Mounts, links: Links) -> None:
        """Build the root; ``image_files`` (or nothing) will appear at ``workdir``, above it ``mounts``."""
        self._scratch, self._image_files, self._workdir, self._mounts = scratch, image_files, workdir, mounts
        root.build([workdir, *mounts], [PFS, self.programs], links)
        self._known = set(os.listdir("/"))
        self._names: list[str] = []
        self._built = False  # what stays from datum to datum of a batch
        self.pipes: Pipes | None = None
        self.output = ""

    def open(self, task: Message, owner: Owner | None) -> dict[str, str]:
        """Mount a fresh ``/pfs`` for a task; its variables as they are in it."""
        if self.output:
            trees.remove(self.output)
        self.output = os.path.join(self._scratch, f"out-{task['task']}")
        os.mkdir(self.output)
        linux.mount("harness", PFS, "tmpfs", options="mode=755")
        self._names = [name for name, _ in task["inputs"]]
        for name, folder in task["inputs"]:
            self._overlay(name, folder, os.path.join(PFS, name), owner)
        self.pipes = open_pipes(self._scratch, task)
        for name, folder in self.pipes.folders.items() if self.pipes else ():
            os.mkdir(os.path.join(PFS, name))
            linux.mount(folder, os.path.join(PFS, name), flags=linux.MS_BIND)
        if not self._built:
            self._build(owner)
        out = os.path.join(PFS, "out")
        os.mkdir(out)
        linux.mount(self.output, out, flags=linux.MS_BIND)
        if owner:
            os.chown(out, owner.uid, owner.gid)
        write_env_file(PFS, task["env"])
        return dict(task["env"])

    def harvest(self) -> None:
        """Settle the output. Raises DeadLinkError and OSError."""
        out = os.path.join(PFS, "out")
        Harvest(out, out, self._origin).settle()

    def close(self, *, batch: bool) -> None:
        """Unmount everything of the task; in a ``batch`` only ``/pfs``, otherwise no process of it may be left."""
        os.chdir("/")
        self._unmount(PFS)
        if self.pipes is not None:
            self.pipes.close()
            self.pipes = None
        if not batch:
            self._built = False
            for place in self._mounts:
                self._unmount(place)
            if self._image_files is not None:
                self._unmount(self._workdir)
            for name in set(os.listdir("/")) - self._known:
                trees.remove("/" + name)

    def shown(self, text: str) -> str:
        """Commands say what they mean here."""
        return text

    def directory(self, path: str) -> str:
        """And so do working directories."""
        return path

    def _origin(self, path: str) -> str | None:
        """See Harvest: what an upper layer does not have is as it was."""
        name, _, inside = path.removeprefix(PFS + "/").partition("/")
        if self.pipes is not None and self.pipes.has(name, inside):
            return path
        if not path.startswith(PFS + "/") or name not in self._names:
            return None
        upper = os.path.join(PFS, ".scratch", name, "upper")
        for part in [part for part in inside.split("/") if part]:
            upper = os.path.join(upper, part)
            if not os.path.lexists(upper):
                return path
            if _marked(upper, "redirect"):  # it had another name
                return None
        changed = os.listdir(upper) if os.path.isdir(upper) else not _marked(upper, "metacopy")
        return None if changed else path

    def _build(self, owner: Owner | None) -> None:
        if self._image_files is not None:
            self._overlay(".image", self._image_files, self._workdir, owner)
        for place, files in self._mounts.items():
            self._show(place, files)
        self._built = True

    def _overlay(self, name: str, folder: str, target: str, owner: Owner | None) -> None:
        layers = os.path.join(PFS, ".scratch", name)
        for name in ("upper", "work"):
            os.makedirs(os.path.join(layers, name))
        os.makedirs(target, exist_ok=True)
        os.chdir(folder)  # "." needs no escaping and no room in the 4 KiB that mount options may have
        options = f"lowerdir=.,upperdir={layers}/upper,workdir={layers}/work"
        # Where the owner of every file is changed, that is not to copy their bytes.
        options += ",metacopy=on,redirect_dir=on" if owner else ",redirect_dir=off"
        linux.mount("harness", target, "overlay", options=options)
        if owner:
            trees.give(target, owner.uid, owner.gid)

    def _show(self, place: str, files: dict[str, str]) -> None:
        """In memory and read-only: they are secrets."""
        os.makedirs(place, exist_ok=True)
        linux.mount("harness", place, "tmpfs", options="mode=755")
        write_files(place, files, 0o644)
        linux.mount("harness", place, flags=linux.MS_REMOUNT | linux.MS_RDONLY)

    def _unmount(self, target: str) -> None:
        if os.path.ismount(target):
            linux.unmount(target)


def _marked(upper: str, mark: str) -> bool:
    """Whether overlayfs noted that a file has its bytes from below, or has been renamed without being copied."""
    return f"trusted.overlay.{mark}" in os.listxattr(upper, follow_symlinks=False)
