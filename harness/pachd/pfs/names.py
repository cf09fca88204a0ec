"""The rules for names, with Pachyderm's texts."""

from __future__ import annotations

import re

from harness.pachd.errors import pfs as errors
from harness.pachd.pfs.keys import DEFAULT_PROJECT, is_commit_id

RESERVED_REPO = "__filesets__"
PROJECT_LENGTH = 51
# Pachyderm has no limit. This one is that of file systems: a repo becomes a folder in /pfs.
NAME_LENGTH = 255

_NAME = re.compile(r"[a-zA-Z0-9_-]+")


def check_repo(name: str) -> None:
    """Raise unless ``name`` may be a repo's."""
    if name == RESERVED_REPO:
        raise errors.RESERVED_NAME(name=name)
    check_characters(name)


def check_branch(name: str) -> None:
    """Raise unless ``name`` may be a branch's; what looks like a commit id may not."""
    check_characters(name)
    if is_commit_id(name):
        raise errors.BRANCH_NAME_IS_ID()


def check_project(name: str) -> None:
    """Raise unless ``name`` may be a project's."""
    if name == DEFAULT_PROJECT:
        return
    if _NAME.fullmatch(name) is None:
        raise errors.INVALID_NAME(name=name).within("invalid project name")
    if not name[0].isalnum():
        raise errors.PROJECT_NAME_START()
    if len(name) > PROJECT_LENGTH:
        raise errors.PROJECT_NAME_LENGTH(project=name, excess=len(name) - PROJECT_LENGTH, limit=PROJECT_LENGTH)


def check_characters(name: str) -> None:
    """Raise unless ``name`` has the characters of a name only, and not too many."""
    if _NAME.fullmatch(name) is None:
        raise errors.INVALID_NAME(name=name)
    if len(name) > NAME_LENGTH:
        raise errors.LONG_NAME(start=name[:40], length=len(name), limit=NAME_LENGTH)
