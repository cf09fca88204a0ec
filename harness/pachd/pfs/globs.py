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
from math import inf
from typing import NamedTuple

from harness.pachd.pfs.glob_captures import Captures
from harness.pachd.pfs.glob_matching import Automaton
from harness.pachd.pfs.glob_syntax import IN_ELEMENT, Char, Group, Item, Wildcard, parse

_REFERENCE = re.compile(r"\$(?:(\d+)|\{(\d+)\})")
_ANY = f"{IN_ELEMENT}*"
MOST_AMBIGUOUS = 2


class Slow(NamedTuple):
    """What takes its time, but never for ever: see :mod:`.glob_matching` and :mod:`.glob_captures`."""

    automaton: Automaton
    captures: Captures


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
    slow: Slow | None  # decides where the regular expression might take too long

    def match(self, path: str) -> bool:
        """Whether a whole path matches. A directory's trailing slash is ignored; the root is matched by ``/`` alone."""
        path = path.rstrip("/") or "/"
        if path == "/" or self.literal is not None:
            return path == self.literal
        if self.slow is not None:
            return self.slow.automaton.match(path)
        return self.regex.fullmatch(path) is not None

    def captures(self, path: str) -> tuple[str, ...] | None:
        """What ``$1``, ``$2``, ... stand for in ``path``, or None where it does not match."""
        if not self.match(path):
            return None
        path = path.rstrip("/") or "/"
        if self.slow is not None:
            return self.slow.captures.find(path)
        found = self.regex.fullmatch(path)
        return found.groups("") if found else None

    def replace(self, path: str, template: str) -> str:
        """``template`` with ``$1`` or ``${1}`` replaced by the captures of ``path``, as joins and groups do.

        References to captures that the glob does not have remain as they are.
        """
        if "$" not in template:
            return template
        captures = (path, *(self.captures(path) or ()))

        def resolve(reference: re.Match[str]) -> str:
            number = int(reference.group(1) or reference.group(2))
            return captures[number] if number < len(captures) else reference.group()

        return _REFERENCE.sub(resolve, template)


@lru_cache(256)
def compile(pattern: str) -> Glob:  # noqa: A001 -- as in re
    """The glob of a pattern as a user wrote it.

    Raises GLOB_INVALID, which says what is wrong and where, and GLOB_TOO_LONG.
    """
    cleaned = (pattern if pattern.startswith("/") else f"/{pattern}").rstrip("/") or "/"
    items = parse(cleaned)
    prefix = "".join(
        item.text for item in takewhile(lambda item: isinstance(item, Char), items) if isinstance(item, Char)
    )
    literal = prefix if all(isinstance(item, Char) for item in items) else None
    looks = 2 if "!(" in cleaned else 1  # !(...) looks at the rest of the path, which is then gone through once more
    slow = Slow(Automaton([items]), Captures(items)) if looks * _ambiguity(items) > MOST_AMBIGUOUS else None
    return Glob(cleaned, prefix, literal, re.compile(_capturing(items, ""), re.DOTALL), slow)


def _ambiguity(items: tuple[Item, ...], *, last: bool = True) -> float:
    """The power of a path's length that a regular expression might need; ``last``: nothing follows ``items``."""
    total = 0.0
    for index, item in enumerate(items):
        rest = items[index + 1 :]
        at_end = last and not rest
        before_slash = rest[:1] == (Char("/"),)
        if isinstance(item, Wildcard) and item.repeats:
            total += 0 if at_end or (before_slash and item.one == IN_ELEMENT) else 1
        elif isinstance(item, Group):
            total += _ambiguity_of_group(item, at_end, before_slash)
    return total


def _ambiguity_of_group(group: Group, at_end: bool, before_slash: bool) -> float:
    within = sum(_ambiguity(choice, last=False) for choice in group.choices)
    if group.kind == "!":
        return within + (0 if at_end or before_slash else 1)
    if group.kind not in "*+":
        return within + len(group.choices) - (group.kind != "?")
    characters = all(len(choice) == 1 and isinstance(choice[0], Char) for choice in group.choices)
    plain = len(set(group.choices)) == len(group.choices) if characters else _fixed(group.choices)
    return (0 if at_end else 1) if plain else inf


def _fixed(choices: tuple[tuple[Item, ...], ...]) -> bool:
    """Whether there is one choice and it always takes the same number of characters."""
    return len(choices) == 1 and all(
        isinstance(item, Char) or (isinstance(item, Wildcard) and not item.repeats) for item in choices[0]
    )


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
