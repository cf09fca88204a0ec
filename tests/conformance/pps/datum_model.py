"""What the datums of an input are, by the words of Pachyderm's rules alone: slowly, and all in memory."""

from __future__ import annotations

import hashlib
from itertools import chain, product, zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Repos = dict[str, list[str]]
    Captures = Callable[[str], "list[str] | None"]


class Part(NamedTuple):
    """One input of a datum, with what decides where it goes."""

    name: str
    repo: str
    path: str
    join_on: str
    group_by: str
    outer_join: bool


Parts = tuple[Part, ...]


class AmbiguousError(Exception):
    """One datum in two forms, of which the rules do not say which is the one."""


def _top(path: str) -> bool:
    return "/" not in path.strip("/")


def _dashed(path: str) -> list[str] | None:
    """``/(*)-(*)``; no name in these tests has two dashes."""
    return path.strip("/").split("-") if _top(path) and "-" in path else None


def _second(path: str) -> list[str] | None:
    """``/*/@(a|b)*``."""
    _, _, rest = path.strip("/").partition("/")
    return [rest[0]] if rest[:1] in tuple("ab") and _top(rest) else None


# Globs, and what they capture of a path (directories with a slash at the end); None where they do not match.
GLOBS: dict[str, Captures] = {
    "/": lambda path: [] if path == "/" else None,
    "/*": lambda path: [] if path != "/" and _top(path) else None,
    "/(*)": lambda path: [path.strip("/")] if path != "/" and _top(path) else None,
    "/(*)-(*)": _dashed,
    "/*/@(a|b)*": _second,
    "/**": lambda path: [] if path != "/" else None,
}


def datums(given: dict[str, Any], repos: Repos) -> dict[str, list[tuple[str, str]]]:
    """Id and (repo, path) of its inputs for each datum, by id. ``repos`` gives the files of each."""
    found = {identify(parts): [(part.repo, part.path) for part in parts] for parts in _enumerate(given, repos)}
    return dict(sorted(found.items()))


def identify(parts: Parts) -> str:
    """The id as Pachyderm makes it."""
    data = b""
    for part in parts:
        for text in (part.name, part.repo, "master", part.path):
            data += text.encode() + len(text.encode()).to_bytes(8, "big")
    return hashlib.blake2b(data, digest_size=32).hexdigest()


def _enumerate(given: dict[str, Any], repos: Repos) -> list[Parts]:
    ((kind, content),) = given.items()
    if kind == "pfs":
        return _leaf(content, repos[content["repo"]])
    children = [_enumerate(child, repos) for child in content]
    combine = {"cross": _cross, "union": _union, "join": _join, "group": _group}[kind]
    found: dict[str, Parts] = {}
    for parts in combine(children):
        if found.setdefault(identify(parts), parts) != parts:
            raise AmbiguousError
    return list(found.values())


def _leaf(leaf: dict[str, Any], files: list[str]) -> list[Parts]:
    found: list[Parts] = []
    for path in sorted({*files, *chain.from_iterable(map(_above, files))}):
        captures = GLOBS[leaf["glob"]](path)
        if captures is not None:
            join_on, group_by = (_replace(leaf.get(field, ""), captures) for field in ("join_on", "group_by"))
            name, outer_join = leaf.get("name", leaf["repo"]), leaf.get("outer_join", False)
            found.append((Part(name, leaf["repo"], path, join_on, group_by, outer_join),))
    return found


def _above(path: str) -> Iterable[str]:
    return (path[: place + 1] for place, char in enumerate(path) if char == "/")


def _replace(template: str, captures: list[str]) -> str:
    for number, captured in enumerate(captures, start=1):
        template = template.replace(f"${number}", captured).replace(f"${{{number}}}", captured)
    return template


def _cross(children: list[list[Parts]]) -> list[Parts]:
    by_id = [sorted(child, key=identify) for child in children]
    return [tuple(chain.from_iterable(chosen)) for chosen in product(*by_id)]


def _union(children: list[list[Parts]]) -> list[Parts]:
    rounds = zip_longest(*children)
    return [parts for round_ in rounds for parts in sorted(filter(None, round_), key=identify)]


def _join(children: list[list[Parts]]) -> list[Parts]:
    apart = [list(chain.from_iterable(child)) for child in children]
    found: list[Parts] = []
    for key in {part.join_on for child in apart for part in child}:
        lists = [[part for part in child if part.join_on == key] for child in apart]
        if not all(lists):
            lists = [[part for part in of_child if part.outer_join] for of_child in lists]
        kept = [of_child for of_child in lists if of_child]
        found += list(product(*kept)) if kept else []
    return found


def _group(children: list[list[Parts]]) -> list[Parts]:
    apart = [part for child in children for parts in child for part in parts]
    return [tuple(part for part in apart if part.group_by == key) for key in {part.group_by for part in apart}]
