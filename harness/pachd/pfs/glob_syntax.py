"""Reading the text of a glob."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING, Union

from harness.pachd.errors import pfs as errors

if TYPE_CHECKING:
    from harness.pachd.errors import PachError


@dataclass(frozen=True)
class Char:
    """One character that stands for itself."""

    text: str

    @property
    def regex(self) -> str:
        """The regular expression of it."""
        return re.escape(self.text)


@dataclass(frozen=True)
class Wildcard:
    """One character that matches the regular expression ``one``; if it ``repeats``, any number of such characters."""

    one: str
    repeats: bool = False

    @property
    def regex(self) -> str:
        """The regular expression of it."""
        return f"{self.one}*" if self.repeats else self.one


@dataclass(frozen=True)
class Group:
    """Alternatives. ``kind`` is ``{`` (no capture), ``@`` (one of), ``?``, ``*``, ``+`` or ``!`` (none of)."""

    kind: str
    choices: tuple[tuple[Item, ...], ...]


MOST_NESTED = 50
MOST_CHARACTERS = 1000
IN_ELEMENT = "[^/]"  # any character that a path element may have

Item = Union[Char, Wildcard, Group]  # noqa: UP007 -- evaluated, and Group is not yet known

_NAMED = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "ascii": r"\x00-\x7f",
    "blank": r"\x20\t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": r"\x21-\x7e",
    "lower": "a-z",
    "print": r"\x20-\x7e",
    "punct": re.escape(string.punctuation),
    "space": r"\s",
    "upper": "A-Z",
    "word": "a-zA-Z0-9_",
    "xdigit": "0-9a-fA-F",
}


def parse(pattern: str) -> tuple[Item, ...]:
    """The items of a glob. Raises GLOB_INVALID, GLOB_TOO_LONG."""
    if len(pattern) > MOST_CHARACTERS:
        raise errors.GLOB_TOO_LONG(length=len(pattern), limit=MOST_CHARACTERS)
    return _Parser(pattern).everything()


class _Parser:
    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0
        self._depth = 0

    def everything(self) -> tuple[Item, ...]:
        return self._items("")

    def _items(self, stops: str) -> tuple[Item, ...]:
        items = []
        while self._at < len(self._text) and self._text[self._at] not in (stops or ()):
            items.append(self._item())
        return tuple(items)

    def _item(self) -> Item:
        char = self._take()
        if char == "*":
            return self._star()
        if char in "?@+!" and self._next("("):
            return self._group(char, "|", ")")
        if char == "(":
            return self._group("@", "|", ")")
        if char == "{":
            return self._group("{", ",", "}")
        if char == "[":
            return self._class()
        if char in ")}":
            self._at -= 1
            raise self._error(f"nothing that this {char} closes")
        return Wildcard(IN_ELEMENT) if char == "?" else Char(self._escaped(char))

    def _star(self) -> Item:
        if self._next("("):
            return self._group("*", "|", ")")
        if not self._text.startswith("*(", self._at) and self._next("*"):
            return Wildcard(".", repeats=True)
        return Wildcard(IN_ELEMENT, repeats=True)

    def _group(self, kind: str, separator: str, close: str) -> Group:
        start = self._at
        self._depth += 1
        if self._depth > MOST_NESTED:
            raise self._error(f"more than {MOST_NESTED} groups in each other")
        choices = [self._items(separator + close)]
        while self._next(separator):
            choices.append(self._items(separator + close))
        if not self._next(close):
            self._at = start - 1
            raise self._error(f"no {close} for this {self._text[start - 1]}")
        self._depth -= 1
        return Group(kind, tuple(choices))

    def _class(self) -> Wildcard:
        start = self._at
        negated = self._next("!") or self._next("^")
        members = [self._member()] if self._at < len(self._text) else []
        while self._at < len(self._text) and self._text[self._at] != "]":
            members.append(self._member())
        if not self._next("]"):
            self._at = start - 1
            raise self._error("no ] for this [")
        return Wildcard(f"[{'^' if negated else ''}{''.join(members)}]")

    def _member(self) -> str:
        named = re.compile(r"\[:(\w+):\]").match(self._text, self._at)
        if named:
            if named.group(1) not in _NAMED:
                raise self._error(f"no such class as {named.group()}")
            self._at = named.end()
            return _NAMED[named.group(1)]
        start = self._at
        first = self._escaped(self._take())
        if not re.compile(r"-[^\]]").match(self._text, self._at):
            return re.escape(first)
        self._at += 1
        last = self._escaped(self._take())
        if last < first:
            self._at = start
            raise self._error("the range runs backwards")
        return f"{re.escape(first)}-{re.escape(last)}"

    def _escaped(self, char: str) -> str:
        if char != "\\":
            return char
        if self._at == len(self._text):
            self._at -= 1
            raise self._error("nothing follows the backslash")
        return self._take()

    def _take(self) -> str:
        self._at += 1
        return self._text[self._at - 1]

    def _next(self, expected: str) -> bool:
        """Whether ``expected`` comes next; if so, step over it."""
        found = self._text.startswith(expected, self._at)
        self._at += found
        return found

    def _error(self, reason: str) -> PachError:
        return errors.GLOB_INVALID(pattern=self._text, reason=reason, position=self._at + 1)
