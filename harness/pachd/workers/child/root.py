"""A private root directory: the host's folders bound into a tmpfs that only this process and its children see."""

from __future__ import annotations

import os

from harness.pachd.workers.child import linux

# The new root is put together on this folder: it exists everywhere, and it is the one that is not bound from the
# host, so that the new root does not contain itself.
_SITE = "/proc"


def isolate() -> None:
    """Unshare processes and, where only a user namespace's owner may do so, users (with unchanged ids).

    The next child that is forked becomes process 1 of the new namespace: when it ends, the kernel ends all others.
    """
    try:
        linux.unshare(linux.CLONE_NEWPID)
    except PermissionError:
        uid, gid = os.geteuid(), os.getegid()
        linux.unshare(linux.CLONE_NEWUSER | linux.CLONE_NEWPID)
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{uid} {uid} 1")
        _write("/proc/self/gid_map", f"{gid} {gid} 1")


def build(places: list[str], own: list[str], links: dict[str, str]) -> None:
    """Give this process a root of its own, with empty ``own`` folders and, below the host's folders, empty ``places``.

    ``links`` are symbolic links and what they lead to. Every folder on the way to a place or a link is made anew and
    its neighbours are bound, so nothing is created on the host.
    """
    places = [os.path.realpath(place) for place in places]
    links = {
        os.path.join(os.path.realpath(os.path.dirname(link)), os.path.basename(link)): links[link] for link in links
    }
    linux.unshare(linux.CLONE_NEWNS)
    linux.mount("none", "/", flags=linux.MS_REC | linux.MS_SLAVE)
    os.chdir(_SITE)
    linux.mount("harness", _SITE, "tmpfs", options="mode=755")
    ways = [place.strip("/").split("/") for place in (*places, *links) if place != "/"]
    _mirror("/", _SITE, ways, {*own, *links, _SITE})
    for folder in (*own, _SITE):
        os.mkdir(_SITE + folder)
    try:
        linux.mount("proc", _SITE + _SITE, "proc")
    except PermissionError:
        # Containers hide parts of /proc and then forbid a fresh one. The host's (still our working directory) serves:
        # /proc/self is right in it, other process ids are the host's.
        linux.mount(".", _SITE + _SITE, flags=linux.MS_BIND | linux.MS_REC)
        linux.unmount(_SITE + _SITE)  # the new root, which is mounted on the host's /proc and came along
    linux.enter_root(_SITE)
    for place in places:
        os.makedirs(place, exist_ok=True)
    for link, target in links.items():
        os.makedirs(os.path.dirname(link), exist_ok=True)
        os.symlink(target, link)


def _mirror(source: str, target: str, ways: list[list[str]], left_out: set[str]) -> None:
    """Show the entries of ``source`` in ``target``; those on ``ways`` become our own folders, the last ones empty."""
    for entry in _entries(source):
        here, there = os.path.join(source, entry.name), os.path.join(target, entry.name)
        if here in left_out:
            continue
        if entry.is_symlink():
            os.symlink(os.readlink(here), there)
        elif entry.is_dir():
            os.mkdir(there)
            below = [way[1:] for way in ways if way[0] == entry.name]
            if not below:
                linux.mount(here, there, flags=linux.MS_BIND | linux.MS_REC)
            elif [] not in below:
                _mirror(here, there, below, left_out)
        elif entry.is_file():
            os.close(os.open(there, os.O_CREAT, 0o600))
            linux.mount(here, there, flags=linux.MS_BIND)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except PermissionError:
        return []  # for example /root on the way to an image's /root/app, for an ordinary user


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
