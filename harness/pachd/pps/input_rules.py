"""What Pachyderm demands of an input (``pps_v2.Input``) with its defaults filled in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from harness.pachd.errors import pps as errors
from harness.pachd.pfs import schedules
from harness.pachd.pfs.names import NAME_LENGTH
from harness.pachd.pps import inputs

if TYPE_CHECKING:
    from harness.pachd.pps.keys import Pipeline

_RESERVED_NAMES = ("out", ".env", ".scratch", ".", "..")
_NO_NAME = re.compile(r"[/=\x00-\x1f\x7f]")  # as neither a directory in /pfs nor a variable could have it
# Their children's files are told apart by path, which an S3 gateway does not know.
_WITHOUT_S3 = ("join", "group", "union")


def check(given: Any, pipeline: Pipeline) -> None:
    """Raise for the first thing that Pachyderm would refuse, then for what this cluster cannot do."""
    _check_names(given, set())
    for node in inputs.nodes(given):
        kind = inputs.kind(node)
        if kind == "pfs":
            _check_pfs(node.pfs)
        elif kind == "cron":
            _check_cron(node.cron)
        elif kind in _WITHOUT_S3 and any(leaf.s3 for leaf in inputs.pfs_leaves(node)):
            raise errors.S3_COMBINED(combination=kind)
    if any(leaf.s3 for leaf in inputs.pfs_leaves(given)):
        raise errors.UNSUPPORTED(pipeline=pipeline, feature="input.pfs.s3")


def _check_names(given: Any, seen: set[str]) -> None:
    """Raise unless every name is one, and other than those that can stand beside it. Adds all names to ``seen``."""
    kind = inputs.kind(given)
    if kind in {"pfs", "cron"}:
        _check_name(inputs.leaf(given), seen)
    elif kind == "union":  # a datum comes from one branch only
        before = frozenset(seen)
        for child in given.union:
            of_branch = set(before)
            _check_names(child, of_branch)
            seen |= of_branch
    else:
        for child in inputs.children(given):
            _check_names(child, seen)


def _check_name(leaf: Any, seen: set[str]) -> None:
    if not leaf.name:
        raise errors.INPUT_WITHOUT(what="name")
    if leaf.name == "out" and leaf.repo == "out":
        raise errors.INPUT_REPO_OUT()
    if leaf.name in _RESERVED_NAMES or _NO_NAME.search(leaf.name) or len(leaf.name.encode()) > NAME_LENGTH:
        raise errors.INPUT_NAMED(name=leaf.name)
    if leaf.name in seen:
        raise errors.INPUT_NAME_TWICE(name=leaf.name)
    seen.add(leaf.name)


def _check_pfs(leaf: Any) -> None:
    if not leaf.repo:
        raise errors.INPUT_WITHOUT(what="repo")
    if leaf.s3:
        _check_s3(leaf)
    elif not leaf.glob:
        raise errors.INPUT_WITHOUT(what="glob")
    if leaf.commit:
        raise errors.INPUT_COMMIT()


def _check_s3(leaf: Any) -> None:
    if leaf.glob != "/":
        raise errors.S3_GLOB()
    for option in ("lazy", "empty_files"):
        if getattr(leaf, option):
            raise errors.S3_OPTION(option=option)


def _check_cron(cron: Any) -> None:
    try:
        schedules.parse(cron.spec)
    except ValueError as error:
        raise errors.CRON_SPEC(reason=error) from None
