"""What clients' messages name of the version store: repos, branches, commits, triggers, times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import keys
from harness.pachd.pfs.resolve import Reference
from harness.pachd.services.pfs_wire import NANOS

if TYPE_CHECKING:
    from harness.pachd.pfs.keys import Branch, Repo

_MOST_SECONDS = 2**63 // NANOS - 10  # in nanoseconds, these fit into 64 bits


def read_repo(message: Any) -> Repo:
    """The repo that a client names; project ``default`` and type ``user`` where it leaves them out."""
    return keys.Repo(message.project.name or keys.DEFAULT_PROJECT, message.name, message.type or keys.USER)


def required_repo(request: Any, field: str = "repo") -> Repo:
    """The repo in ``field`` of ``request``; raises NIL_REPO."""
    if not request.HasField(field):
        raise errors.NIL_REPO()
    return read_repo(getattr(request, field))


def read_branch(message: Any) -> Branch:
    """The branch that a client names; raises NIL_BRANCH_REPO."""
    if not message.HasField("repo"):
        raise errors.NIL_BRANCH_REPO()
    return keys.Branch(read_repo(message.repo), message.name)


def required_branch(request: Any, field: str = "branch") -> Branch:
    """The branch in ``field`` of ``request``; raises NIL_BRANCH, NIL_BRANCH_REPO."""
    if not request.HasField(field):
        raise errors.NIL_BRANCH()
    return read_branch(getattr(request, field))


def read_commit(message: Any) -> Reference:
    """The commit that a client names. python_pachyderm gives the repo inside the branch only, others in both places."""
    if message.HasField("repo"):
        repo = message.repo
    elif message.branch.HasField("repo"):
        repo = message.branch.repo
    else:
        raise errors.COMMIT_WITHOUT_REPO()
    return Reference(read_repo(repo), message.branch.name, message.id)


def required_commit(request: Any, field: str = "commit") -> Reference:
    """The commit in ``field`` of ``request``; raises NIL_COMMIT, COMMIT_WITHOUT_REPO."""
    if not request.HasField(field):
        raise errors.NIL_COMMIT()
    return read_commit(getattr(request, field))


def required_set(request: Any) -> str:
    """The id of the commit set in ``request``; raises NIL_COMMIT_SET."""
    if not request.HasField("commit_set"):
        raise errors.NIL_COMMIT_SET()
    return str(request.commit_set.id)


def read_time(message: Any) -> int:
    """Nanoseconds since the epoch. Raises BAD_TIME for a time that cannot be kept."""
    if abs(message.seconds) > _MOST_SECONDS:
        raise errors.BAD_TIME(seconds=message.seconds)
    return int(message.seconds) * NANOS + int(message.nanos)
