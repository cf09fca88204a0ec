"""The Linux system calls that Python does not have, each raising OSError with the path it was about."""

from __future__ import annotations

import ctypes
import os

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000

MS_RDONLY = 0x1
MS_REMOUNT = 0x20
MS_BIND = 0x1000
MS_REC = 0x4000
MS_SLAVE = 0x80000
MNT_DETACH = 2

IN_CLOSE_NOWRITE = 0x10
IN_OPEN = 0x20

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36

_libc = ctypes.CDLL(None, use_errno=True)


def mount(source: str, target: str, kind: str | None = None, flags: int = 0, options: str = "") -> None:
    """``mount(2)``."""
    name = kind.encode() if kind else None
    _check(
        _libc.mount(os.fsencode(source), os.fsencode(target), name, ctypes.c_ulong(flags), os.fsencode(options)),
        f"mount {kind or source} at {target}",
    )


def unmount(target: str) -> None:
    """Take ``target`` and all mounts below it out of the tree at once; they end when nothing uses them any more."""
    _check(_libc.umount2(os.fsencode(target), MNT_DETACH), f"unmount {target}")


def unshare(flags: int) -> None:
    """``unshare(2)``; the caller must have one thread only."""
    _check(_libc.unshare(flags), "unshare")


def enter_root(path: str) -> None:
    """Make the mount at ``path`` the root of this mount namespace and drop the old root from it."""
    os.chdir(path)
    # Both arguments "." stack the old root on the new one, where it can be detached; see pivot_root(2).
    _check(_libc.pivot_root(b".", b"."), f"pivot_root {path}")
    unmount(".")
    os.chdir("/")


def die_with_parent(signal_number: int) -> None:
    """Get ``signal_number`` when the thread that forked this process ends (the parent must have no other)."""
    _check(_libc.prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal_number), 0, 0, 0), "prctl")


def adopt_orphans() -> None:
    """Become the parent of descendants whose parent ends, so that none of them gets lost."""
    _check(_libc.prctl(_PR_SET_CHILD_SUBREAPER, ctypes.c_ulong(1), 0, 0, 0), "prctl")


def inotify() -> int:
    """A descriptor that does not block and tells what happens in the folders that :func:`watch` adds to it."""
    fd = int(_libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK))
    _check(min(fd, 0), "inotify")
    return fd


def watch(fd: int, folder: str, mask: int) -> int:
    """Have ``fd`` tell of these events of the files in ``folder``; the number that its events will have."""
    number = int(_libc.inotify_add_watch(fd, os.fsencode(folder), mask))
    _check(min(number, 0), f"watch {folder}")
    return number


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
