"""WORKDIR and ENV without Docker."""

from __future__ import annotations

import re

import pytest

from harness.pachd.workers import dockerfile

BASE = {"PATH": "/bin"}


@pytest.mark.parametrize(
    ("text", "workdir"),
    [
        ("", ""),
        ("FROM x\nRUN echo WORKDIR /no", ""),
        ("FROM x\nWORKDIR /code", "/code"),
        ("FROM x\nworkdir\t/code/", "/code"),
        ("FROM x\nWORKDIR /a\nWORKDIR b/../c", "/a/c"),
        ("FROM x\nENV HOME=/home/me\nWORKDIR $HOME/src", "/home/me/src"),
        ('FROM x\nWORKDIR "/with space"', "/with space"),
        ("FROM x AS build\nWORKDIR /build\nFROM y\nWORKDIR run", "/run"),
    ],
)
def test_workdir(text: str, workdir: str) -> None:
    assert dockerfile.read(text, BASE).workdir == workdir


@pytest.mark.parametrize(
    ("text", "env"),
    [
        ("ENV A=1 B=two", {"A": "1", "B": "two"}),
        ("ENV A='1 2' B=\"3 4\" C=5\\ 6", {"A": "1 2", "B": "3 4", "C": "5 6"}),
        ("ENV A the whole rest = this", {"A": "the whole rest = this"}),
        ("ENV A=1 \\\n  # in between\n  B=2", {"A": "1", "B": "2"}),
        ("# ENV A=1\nENV B=2", {"B": "2"}),
        ("ENV A=1\nENV A=2 B=$A C=${A}x D=$NONE", {"A": "2", "B": "1", "C": "1x", "D": ""}),
        ("ENV A=1\nFROM later\nENV B=2", {"B": "2"}),
        ("env PATH=/opt:$PATH", {"PATH": "/opt:/bin"}),
    ],
)
def test_env(text: str, env: dict[str, str]) -> None:
    assert dockerfile.read(f"FROM x\n{text}\n", BASE).env == BASE | env


@pytest.mark.parametrize(
    "line", ["ENV", "ENV A=1 B", "ENV A='open", "ENV =1", "COPY a", "COPY 'a b", "ADD [1", "ADD [1, 2]"]
)
def test_what_cannot_be_understood_is_shown(line: str) -> None:
    with pytest.raises(ValueError, match=re.escape(line)):
        dockerfile.read(f"FROM x\n{line}\n", BASE)
