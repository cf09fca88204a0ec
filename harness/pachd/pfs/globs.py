r"""Pachyderm's extended globs over file paths.

Syntax (Pachyderm 2.7): ``*`` and ``?`` stay within a path element, ``**`` does not; ``[a-z]``, ``[!a]``,
``[[:alpha:]]``; ``{x,y}``; ``(x|y)`` and ``@ ? * + !`` before such a group, all of which capture; ``\c`` is the
character itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

from harness.pachd.pfs.glob_syntax import Char, Group, Item, parse

_REFERENCE = re.compile(r"\$(?:(\d+)|\{(\d+)\})")
_ANY = "[^/]*"


@dataclass(frozen=True)
class Glob:
    """A compiled glob.

    ``pattern`` is its cleaned form, ``literal_prefix`` what every matching path begins with, ``literal`` the one path
    that can match, or None where there may be several.
    """

    pattern: str
    literal_prefix: str
    literal: str | None
    regex: re.Pattern[str]

    def match(self, path: str) -> re.Match[str] | None:
        """The match of a whole path, with the captures as its groups. A directory's trailing slash is ignored.

        The root is matched by ``/`` alone.
        """
        path = path.rstrip("/") or "/"
        if path == "/" and self.literal != "/":
            return None
        return self.regex.fullmatch(path)

    def captures(self, path: str) -> tuple[str, ...] | None:
        """What ``$1``, ``$2``, ... stand for in ``path``, or None where it does not match."""
        match = self.match(path)
        return None if match is None else match.groups("")

    def replace(self, path: str, template: str) -> str:
        """``template`` with ``$1`` or ``${1}`` replaced by the captures of ``path``, as joins and groups do.

        References to captures that the glob does not have remain as they are.
        """
        captures = (path, *(self.captures(path) or ()))

        def resolve(reference: re.Match[str]) -> str:
            number = int(reference.group(1) or reference.group(2))
            return captures[number] if number < len(captures) else reference.group()

        return _REFERENCE.sub(resolve, template)


@lru_cache(256)
def compile(pattern: str) -> Glob:  # noqa: A001 -- as in re
    """The glob of a pattern as a user wrote it. Raises GLOB_INVALID, which says what is wrong and where."""
    cleaned = (pattern if pattern.startswith("/") else f"/{pattern}").rstrip("/") or "/"
    items = parse(cleaned)
    prefix = "".join(
        item.text for item in takewhile(lambda item: isinstance(item, Char), items) if isinstance(item, Char)
    )
    literal = prefix if all(isinstance(item, Char) for item in items) else None
    return Glob(cleaned, prefix, literal, re.compile(_capturing(items, ""), re.DOTALL))


def _capturing(items: tuple[Item, ...], after: str) -> str:
    """The regular expression of ``items``; ``after`` is the plain one of whatever follows them."""
    parts = []
    for index, item in enumerate(items):
        if isinstance(item, Group):
            parts.append(_capturing_group(item, _plain(items[index + 1 :]) + after))
        else:
            parts.append(item.regex)
    return "".join(parts)


def _capturing_group(group: Group, after: str) -> str:
    if group.kind == "!":  # a look-ahead cannot know where the group will end: it looks on to the end of the path
        return rf"((?!(?:{_plain_choices(group)}){after}\Z){_ANY})"
    if group.kind in "*+":
        after = f"(?:{_plain_choices(group)})*{after}"
    choices = "|".join(_capturing(choice, after) for choice in group.choices)
    if group.kind == "{":
        return f"(?:{choices})"
    return f"({choices})" if group.kind == "@" else f"((?:{choices}){group.kind})"


def _plain(items: tuple[Item, ...]) -> str:
    """As :func:`_capturing`, without captures, and with ``!(...)`` as anything."""
    return "".join(_plain_group(item) if isinstance(item, Group) else item.regex for item in items)


def _plain_group(group: Group) -> str:
    if group.kind == "!":
        return _ANY
    return f"(?:{_plain_choices(group)}){group.kind if group.kind in '?*+' else ''}"


def _plain_choices(group: Group) -> str:
    return "|".join(map(_plain, group.choices))
