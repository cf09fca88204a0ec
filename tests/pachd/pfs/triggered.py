"""A branch with a trigger, and what makes it fire."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.pachd.pfs import branch_records, commits
from harness.pachd.pfs.keys import Branch, Commit, Repo
from harness.pachd.pfs.ticks import Ticker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.pachd.pfs.version_store import VersionStore

REPO = Repo("default", "repo")
MASTER, COPY = Branch(REPO, "master"), Branch(REPO, "copy")


@contextmanager
def ticking(store: VersionStore) -> Iterator[None]:
    """The clockwork of triggers runs while the block does."""
    ticker = Ticker(store)
    ticker.start()
    try:
        yield
    finally:
        ticker.close()


def head(store: VersionStore, branch: Branch) -> Commit:
    """What a branch is at."""
    with store.snapshot() as conn:
        return branch_records.get(conn, branch).head


def put(store: VersionStore) -> Commit:
    """A finished commit on master."""
    with store.transaction() as txn:
        made = commits.start(txn, MASTER)
        commits.finish(txn, made)
    return made
