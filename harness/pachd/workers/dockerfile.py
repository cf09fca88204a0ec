"""What means something without Docker in a Dockerfile: WORKDIR, ENV, and where COPY and ADD put the image's files."""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from dataclasses import dataclass, field

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


@dataclass(frozen=True)
class Copied:
    """A COPY or ADD: paths or patterns in the image's folder, and the absolute path that they get.

    ``into_folder``: that path is a folder's, by the way it is written.
    """

    sources: tuple[str, ...]
    target: str
    into_folder: bool


@dataclass
class Recipe:
    """What a Dockerfile says; of several build stages the last one counts.

    ``workdir`` is empty if none is named, ``installs`` tells whether it runs commands of its own.
    """

    env: dict[str, str]
    workdir: str = ""
    copied: list[Copied] = field(default_factory=list)
    installs: bool = False


def read(text: str, env: dict[str, str]) -> Recipe:
    """The recipe in ``text``, with the variables of ``env`` and those that it sets.

    Values may refer to variables set before, as ``$NAME`` or ``${NAME}``. Raises ValueError, with the line, for an
    instruction that cannot be understood.
    """
    recipe = Recipe(dict(env))
    for line in _instructions(text):
        word, _, rest = line.partition(" ")
        instruction = word.upper()
        if instruction == "FROM":
            recipe = Recipe(dict(env))
        elif instruction == "WORKDIR":
            recipe.workdir = _absolute(rest.strip().strip("\"'"), recipe)
        elif instruction == "ENV":
            recipe.env.update(_assignments(rest, line, dict(recipe.env)))
        elif instruction in {"COPY", "ADD"}:
            recipe.copied += _copied(rest, line, recipe)
        elif instruction == "RUN":
            recipe.installs = True
    return recipe


def _absolute(path: str, recipe: Recipe) -> str:
    return posixpath.normpath(posixpath.join("/", recipe.workdir, _expand(path, recipe.env)))


def _copied(rest: str, line: str, recipe: Recipe) -> list[Copied]:
    """``COPY [--flag] SOURCE... TARGET``, or a JSON list of these. Files of other stages and URLs are left out."""
    try:
        words = json.loads(rest) if rest.lstrip().startswith("[") else shlex.split(rest)
    except ValueError as error:
        raise ValueError(f"{error} in: {line}") from error
    if not all(isinstance(word, str) for word in words):
        raise ValueError(f"not only texts in: {line}")
    flags = [word for word in words if word.startswith("--")]
    paths = [word for word in words if word not in flags]
    if len(paths) < 2:
        raise ValueError(f"no source and target in: {line}")
    *sources, target = paths
    if any(flag.startswith("--from") for flag in flags):
        return []
    own = tuple(source for source in sources if "://" not in source)
    return [Copied(own, _absolute(target, recipe), target.endswith(("/", ".")) or len(sources) > 1)]


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
