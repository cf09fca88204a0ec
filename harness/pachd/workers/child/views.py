"""What a command sees of the world: ``/pfs`` and its image's files, made anew for every task."""

from __future__ import annotations

import os
import re

from harness.pachd.workers.child import trees
from harness.pachd.workers.child.harvest import PFS, Harvest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from harness.pachd.workers.child.channel import Message
    from harness.pachd.workers.child.pipes import Pipes
    from harness.pachd.workers.child.program import Owner

    Mounts = dict[str, dict[str, str]]  # by absolute path: files by name, a character a byte
    Links = dict[str, str]  # from paths outside of the working directory to paths in it


class PrivateView:
    """A real ``/pfs`` in a private root: inputs are overlay mounts, so nothing is copied and nothing can be harmed."""

    programs = "/pach-bin"

    def __init__(self, scratch: str, image_files: str | None, workdir: str, mounts: Mounts, links: Links) -> None:
        """Build the root; ``image_files`` (or nothing) will appear at ``workdir``, above it ``mounts``."""
        from harness.pachd.workers.child import linux, root  # exists on Linux only

        self._linux = linux
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
        self._linux.mount("harness", PFS, "tmpfs", options="mode=755")
        self._names = [name for name, _ in task["inputs"]]
        for name, folder in task["inputs"]:
            self._overlay(name, folder, os.path.join(PFS, name), owner)
        self.pipes = _pipes(self._scratch, task)
        for name, folder in self.pipes.folders.items() if self.pipes else ():
            os.mkdir(os.path.join(PFS, name))
            self._linux.mount(folder, os.path.join(PFS, name), flags=self._linux.MS_BIND)
        if not self._built:
            self._build(owner)
        out = os.path.join(PFS, "out")
        os.mkdir(out)
        self._linux.mount(self.output, out, flags=self._linux.MS_BIND)
        if owner:
            os.chown(out, owner.uid, owner.gid)
        _write_env_file(PFS, task["env"])
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
        self._linux.mount("harness", target, "overlay", options=options)
        if owner:
            trees.give(target, owner.uid, owner.gid)

    def _show(self, place: str, files: dict[str, str]) -> None:
        """In memory and read-only: they are secrets."""
        os.makedirs(place, exist_ok=True)
        self._linux.mount("harness", place, "tmpfs", options="mode=755")
        _write_files(place, files, 0o644)
        self._linux.mount("harness", place, flags=self._linux.MS_REMOUNT | self._linux.MS_RDONLY)

    def _unmount(self, target: str) -> None:
        if os.path.ismount(target):
            self._linux.unmount(target)


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
            _write_files(folder, files, 0o600)
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
        self.pipes = _pipes(self._scratch, task)
        for name, folder in self.pipes.folders.items() if self.pipes else ():
            os.symlink(folder, os.path.join(self._pfs, name))
        shown = {name: self.shown(value) for name, value in task["env"].items()} | {"PFS_ROOT": self._pfs}
        _write_env_file(self._pfs, shown)
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


def _pipes(scratch: str, task: Message) -> Pipes | None:
    if not task["pipes"]:
        return None
    from harness.pachd.workers.child.pipes import Pipes  # exists on Linux only

    pipes = Pipes(os.path.join(scratch, f"pipes-{task['task']}"))
    try:
        for name, paths in task["pipes"]:
            pipes.make(name, paths)
    except OSError:
        pipes.close()
        raise
    return pipes


def _marked(upper: str, mark: str) -> bool:
    """Whether overlayfs noted that a file has its bytes from below, or has been renamed without being copied."""
    return f"trusted.overlay.{mark}" in os.listxattr(upper, follow_symlinks=False)


def _write_env_file(pfs: str, env: dict[str, str]) -> None:
    """``/pfs/.env``: the task's variables, a line each, as python_pachyderm's Worker reads them."""
    with open(os.path.join(pfs, ".env"), "w", encoding="utf-8", errors="surrogateescape") as file:
        file.writelines(f"{name}={value}\n" for name, value in env.items())


def _write_files(folder: str, files: dict[str, str], mode: int) -> None:
    for name, text in files.items():
        path = os.path.join(folder, name)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "w", encoding="latin-1", newline="") as file:
            file.write(text)
        os.chmod(path, mode)
