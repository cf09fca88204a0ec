"""The two instructions of a Dockerfile that mean something without Docker: WORKDIR and ENV."""

from __future__ import annotations

import posixpath
import re
import shlex

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


def read(text: str, env: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The working directory ("" if none is named) and ``env`` with the variables set.

    Values may refer to variables set before, as ``$NAME`` or ``${NAME}``. Of several build stages the last one counts.
    Raises ValueError, with the line, for an instruction that cannot be understood.
    """
    workdir, variables = "", dict(env)
    for line in _instructions(text):
        word, _, rest = line.partition(" ")
        instruction = word.upper()
        if instruction == "FROM":
            workdir, variables = "", dict(env)
        elif instruction == "WORKDIR":
            workdir = posixpath.normpath(posixpath.join("/", workdir, _expand(rest.strip().strip("\"'"), variables)))
        elif instruction == "ENV":
            variables.update(_assignments(rest, line, dict(variables)))
    return workdir, variables


def _instructions(text: str) -> list[str]:
    """Logical lines: comments gone, continued lines joined."""
    kept = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\[ \t]*\n", " ", "\n".join(kept))
    return [re.sub(r"^(\w+)\s+", r"\1 ", line.strip()) for line in joined.splitlines() if line.strip()]


def _assignments(rest: str, line: str, known: dict[str, str]) -> dict[str, str]:
    """``ENV A=1 B="two words"``, and the old ``ENV A the whole rest``."""
    try:
        words = shlex.split(rest)
    except ValueError as error:
        raise ValueError(f"{error} in: {line}") from error
    if not words:
        raise ValueError(f"no variable in: {line}")
    if "=" not in words[0]:
        name, _, value = rest.strip().partition(" ")
        return {name: _expand(value.strip(), known)}
    pairs = [word.partition("=") for word in words]
    if not all(name and equals for name, equals, _ in pairs):
        raise ValueError(f"not NAME=VALUE in: {line}")
    return {name: _expand(value, known) for name, _, value in pairs}


def _expand(value: str, known: dict[str, str]) -> str:
    return _VARIABLE.sub(lambda found: known.get(found[1] or found[2], ""), value)
