"""Files of a commit as a plain dict, and what every file operation means (pfs.md 9 and 10)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from tests.pachd.model.names import Ref, Refused

Files = Mapping[tuple[str, str], bytes]  # bytes by path and datum


class Add(NamedTuple):
    """Append bytes to a file; without any, make sure that there is one."""

    path: str
    data: bytes
    datum: str = ""


class Delete(NamedTuple):
    """Remove a file; with a trailing slash everything below a directory."""

    path: str
    datum: str = ""


class Put(NamedTuple):
    """What CopyFile does with each file that it copies, unless it appends."""

    path: str
    data: bytes
    datum: str = ""


class Copy(NamedTuple):
    """Files at or below ``path`` of a commit, as they are before the stream that this is part of."""

    path: str
    source: Ref
    destination: str
    append: bool = False
    datum: str = ""
    source_datum: str = ""


Change = Add | Delete | Put


def check(change: Change) -> None:
    """The rules for paths that are written."""
    path = change.path
    if not re.fullmatch(r"[\x20-\x7e]+", path):
        raise Refused(f"path ({path}) invalid: only printable ASCII characters allowed")
    globbing = re.search(r"[*?\[\]{}!()@+^]", path)
    if globbing:
        raise Refused(f"path ({path}) invalid: globbing character ({globbing[0]}) not allowed in path")
    if {".", ".."} & set(path.split("/")):
        raise Refused(f"path ({path}) invalid: relative file paths are not allowed")
    if not isinstance(change, Delete) and clean(path) == "/":
        raise Refused(f"path ({path}) invalid: a file needs a name")


def clean(path: str) -> str:
    return "/" + "/".join(part for part in path.split("/") if part)


def changed(files: Files, changes: tuple[Change, ...]) -> dict[tuple[str, str], bytes]:
    """``files`` after ``changes``, in their order."""
    result = dict(files)
    for change in changes:
        path = clean(change.path)
        key = path, change.datum or "default"
        if isinstance(change, Add):
            result[key] = result.get(key, b"") + change.data
        elif isinstance(change, Put):
            result[key] = change.data
        elif change.path.endswith("/"):
            below = path.rstrip("/") + "/"
            result = {other: data for other, data in result.items() if not other[0].startswith(below)}
        else:
            result.pop(key, None)
    return result


def problem(files: Files) -> str:
    """Why a commit of these files ends with an error: the first reason in path order."""
    paths = {path for path, _ in files}
    before: tuple[str, str] = ("", "")
    for path, datum in sorted(files):
        if path == before[0]:
            return f"duplicate path output by different datums ({path} from {before[1]} and {path} from {datum})"
        if any(directory.rstrip("/") in paths for directory in above(path)):
            return f"file / directory path collision ({path})"
        before = path, datum
    return ""


def above(path: str) -> list[str]:
    """The directories that hold ``path``, outermost first."""
    parts = path.strip("/").split("/")[:-1]
    return ["/" + "".join(f"{part}/" for part in parts[:depth]) for depth in range(len(parts) + 1)]


class Node(NamedTuple):
    """A file or directory. ``content`` is equal where hashes are: bytes, or what a directory's children have."""

    path: str
    datum: str
    size: int
    content: bytes | tuple[object, ...]


def nodes(files: Files) -> list[Node]:
    """Everything that a walk from the root shows, in its order."""
    found = [Node(path, datum, len(data), data) for (path, datum), data in files.items()]
    directories = {directory for path, _ in files for directory in above(path)}
    for directory in sorted(directories, key=lambda path: path.count("/"), reverse=True):
        inside = sorted(node for node in found if above(node.path.rstrip("/"))[-1] == directory and node.path != "/")
        size = sum(node.size for node in inside)
        found.append(Node(directory, "", size, tuple(node.content for node in inside)))
    return sorted(found, key=lambda node: node[:2])


def matches(pattern: str, node: Node) -> bool:
    """Whether a glob of stars and question marks matches; the root is matched by ``/`` alone."""
    wanted, path = clean(pattern), node.path.rstrip("/")
    meaning = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    regex = "".join(meaning.get(token) or re.escape(token) for token in re.split(r"(\*\*|\*|\?)", wanted))
    return re.fullmatch(regex, path) is not None if path else wanted == "/"
