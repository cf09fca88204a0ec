"""The names of things in the version store, and the forms they take in messages (Pachyderm's own)."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass

USER, META, SPEC = "user", "meta", "spec"
DEFAULT_PROJECT = "default"

_COMMIT_ID = re.compile(r"[0-9a-f]{12}4[0-9a-f]{19}")


def new_id() -> str:
    """A fresh commit-set id: 32 hexadecimal digits in the shape of a version 4 UUID."""
    return uuid.uuid4().hex


def is_commit_id(text: str) -> bool:
    """Whether ``text`` has the shape by which clients tell commit ids from branch names."""
    return _COMMIT_ID.fullmatch(text) is not None


@dataclass(frozen=True, order=True)
class Repo:
    """A repo's key. Its text form is ``project/name``, with ``.type`` unless the type is ``user``."""

    project: str
    name: str
    type: str = USER

    def __str__(self) -> str:
        suffix = "" if self.type == USER else f".{self.type}"
        return f"{self.project}/{self.name}{suffix}"

    def sibling(self, type_: str) -> Repo:
        """The repo of another type that belongs to the same pipeline."""
        return Repo(self.project, self.name, type_)


@dataclass(frozen=True, order=True)
class Branch:
    """A branch's key; text form ``project/repo@branch``."""

    repo: Repo
    name: str

    def __str__(self) -> str:
        return f"{self.repo}@{self.name}"


@dataclass(frozen=True, order=True)
class Commit:
    """A commit's key; the branch is not part of it. Text form ``project/repo@id``."""

    repo: Repo
    id: str

    def __str__(self) -> str:
        return f"{self.repo}@{self.id}"
