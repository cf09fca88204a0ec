"""A pipeline's input: its kind, leaves, order, defaults and rules (messages are ``pps_v2.Input``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.pachd.errors import pps as errors
from harness.pachd.pfs.keys import USER, Branch, Repo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.pachd.pps.keys import Pipeline

DEFAULT_BRANCH = "master"
# Pachyderm has no limit. Sorting copies each level, so the work grows with the square of the depth.
DEPTH = 32
_RESERVED_NAMES = ("out", ".env")


def kind(given: Any) -> str:
    """Which one of pfs, cron, cross, union, join, group ``given`` is; raises where it is none or several."""
    kinds = [field for field in ("pfs", "cron") if given.HasField(field)]
    kinds += [field for field in ("cross", "union", "join", "group") if len(getattr(given, field))]
    if not kinds:
        raise errors.NO_INPUT()
    if len(kinds) > 1:
        raise errors.SEVERAL_INPUT_KINDS()
    return kinds[0]


def children(given: Any) -> list[Any]:
    """The inputs that ``given`` combines; none for pfs and cron."""
    combination = kind(given)
    return [] if combination in {"pfs", "cron"} else list(getattr(given, combination))


def nodes(given: Any, depth: int = DEPTH) -> Iterator[Any]:
    """``given`` and every input below it, parents first. Raises DEEP_INPUT."""
    if not depth:
        raise errors.DEEP_INPUT(limit=DEPTH)
    yield given
    for child in children(given):
        yield from nodes(child, depth - 1)


def leaves(given: Any) -> list[Any]:
    """The ``pps_v2.PFSInput`` messages of ``given`` in visiting order."""
    return [node.pfs for node in nodes(given) if node.HasField("pfs")]


def sort(given: Any) -> None:
    """Order combined inputs as Pachyderm does: stably, by the name of their first leaf as it was sent.

    Must come before names get defaults. The order enters every datum's id.
    """
    below = children(given)
    for child in below:
        sort(child)
    below.sort(key=_first_name)
    if below:
        combined = getattr(given, kind(given))
        copies = [type(child).FromString(child.SerializeToString()) for child in below]
        del combined[:]
        combined.extend(copies)


def _first_name(given: Any) -> str:
    first = next((node for node in nodes(given) if not children(node)), None)
    return str(first.pfs.name) if first is not None and first.HasField("pfs") else ""


def set_defaults(given: Any, pipeline: Pipeline) -> None:
    """Fill in what the leaves leave out; globs get their leading slash and lose a trailing one."""
    for leaf in leaves(given):
        leaf.project = leaf.project or pipeline.project
        leaf.name = leaf.name or leaf.repo
        leaf.repo_type = leaf.repo_type or USER
        leaf.branch = leaf.branch or DEFAULT_BRANCH
        if leaf.glob:
            leaf.glob = "/" + leaf.glob.strip("/")


def check(given: Any) -> None:
    """The rules for an input with its defaults filled in."""
    seen: set[str] = set()
    for leaf in leaves(given):
        _check_leaf(leaf)
        if leaf.name in seen:
            raise errors.INPUT_NAME_TWICE(name=leaf.name)
        seen.add(leaf.name)


def _check_leaf(leaf: Any) -> None:
    for what in ("repo", "name"):
        if not getattr(leaf, what):
            raise errors.INPUT_WITHOUT(what=what)
    if leaf.name == "out" and leaf.repo == "out":
        raise errors.INPUT_REPO_OUT()
    if leaf.name in _RESERVED_NAMES:
        raise errors.INPUT_NAMED(name=leaf.name)
    if not leaf.glob:
        raise errors.INPUT_WITHOUT(what="glob")
    if leaf.commit:
        raise errors.INPUT_COMMIT()


def repo(leaf: Any) -> Repo:
    """The repo that a leaf reads."""
    return Repo(leaf.project, leaf.repo, leaf.repo_type)


def branches(given: Any) -> list[Branch]:
    """The branches that a pipeline with this input has as provenance, each once, in visiting order."""
    # Pachyderm builds provenance with the user repo even for inputs that read a meta repo.
    return list(dict.fromkeys(Branch(Repo(leaf.project, leaf.repo), leaf.branch) for leaf in leaves(given)))
