"""A pipeline's input: its kind, leaves, order and defaults (messages are ``pps_v2.Input``)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from python_pachyderm.proto.v2.pps import pps_pb2

from harness.pachd.errors import pps as errors
from harness.pachd.pfs.keys import DEFAULT_PROJECT, USER, Branch, Repo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.pachd.pps.keys import Pipeline

DEFAULT_BRANCH = "master"
# Pachyderm has no limit. Sorting copies each level, so the work grows with the square of the depth.
DEPTH = 32


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
    """``given`` and every input below it, parents first; nothing for a spout's empty one. Raises DEEP_INPUT."""
    if not depth:
        raise errors.DEEP_INPUT(limit=DEPTH)
    if not given.ListFields():
        return
    yield given
    for child in children(given):
        yield from nodes(child, depth - 1)


def pfs_leaves(given: Any) -> list[Any]:
    """The ``pps_v2.PFSInput`` messages in ``given`` in visiting order; changing one changes ``given``."""
    return [node.pfs for node in nodes(given) if node.HasField("pfs")]


def cron_leaves(given: Any) -> list[Any]:
    """The ``pps_v2.CronInput`` messages in ``given`` in visiting order; changing one changes ``given``."""
    return [node.cron for node in nodes(given) if node.HasField("cron")]


def leaves(given: Any) -> list[Any]:
    """What is read, in visiting order, as ``pps_v2.PFSInput`` messages; only to look at."""
    return [leaf(node) for node in nodes(given) if not children(node)]


def leaf(given: Any) -> Any:
    """The ``pps_v2.PFSInput`` of a leaf. A cron's is what it is read by: each tick is a file at the top of master."""
    if given.HasField("pfs"):
        return given.pfs
    cron = given.cron
    repo_of_ticks = {"project": cron.project, "repo": cron.repo, "repo_type": USER, "branch": DEFAULT_BRANCH}
    return pps_pb2.PFSInput(name=cron.name, commit=cron.commit, glob="/*", **repo_of_ticks)


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


def set_defaults(given: Any, pipeline: Pipeline, now: int) -> None:
    """Fill in what the leaves leave out; globs get their leading slash and lose a trailing one.

    ``now`` (nanoseconds since the epoch) is when crons start.
    """
    triggered: Counter[str] = Counter()
    for pfs in pfs_leaves(given):
        pfs.project = pfs.project or pipeline.project
        pfs.name = pfs.name or pfs.repo
        pfs.repo_type = pfs.repo_type or USER
        if pfs.HasField("trigger"):
            _set_trigger_defaults(pfs, pipeline, triggered)
        pfs.branch = pfs.branch or DEFAULT_BRANCH
        if pfs.glob:
            pfs.glob = "/" + pfs.glob.strip("/")
    for cron in cron_leaves(given):
        cron.project = cron.project or pipeline.project
        cron.repo = cron.repo or f"{pipeline.name}_{cron.name}"
        if not cron.HasField("start"):
            cron.start.FromNanoseconds(now)


def _set_trigger_defaults(pfs: Any, pipeline: Pipeline, triggered: Counter[str]) -> None:
    """Branches that are not named are numbered in each repo."""
    if not pfs.branch:
        triggered[pfs.repo] += 1
        pfs.branch = f"{pipeline.name}-trigger-{triggered[pfs.repo]}"
    pfs.trigger.branch = pfs.trigger.branch or DEFAULT_BRANCH


def repo(read: Any) -> Repo:
    """The repo that a leaf, of either kind, reads."""
    return Repo(read.project or DEFAULT_PROJECT, read.repo, getattr(read, "repo_type", USER) or USER)


def branches(given: Any) -> list[Branch]:
    """The branches that a pipeline with this input has as provenance, each once, in visiting order."""
    # Pachyderm builds provenance with the user repo even for inputs that read a meta repo.
    return list(dict.fromkeys(Branch(repo(read).sibling(USER), read.branch) for read in leaves(given)))
