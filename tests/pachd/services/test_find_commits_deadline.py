"""A search that runs out of time says how far it came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from python_pachyderm.proto.v2.pfs import pfs_pb2

from harness.pachd.pfs import commits, repos
from harness.pachd.pfs.keys import Branch, Repo
from harness.pachd.services import pfs_wire as wire
from harness.pachd.services.pfs import PFS
from tests.pachd.pfs.stores import opened

if TYPE_CHECKING:
    from pathlib import Path


class Hurried:
    """The context of a call whose deadline has come."""

    def time_remaining(self) -> float:
        return 0.0


def test_the_last_searched_commit_is_told(tmp_path: Path) -> None:
    branch = Branch(Repo("default", "repo"), "master")
    with opened(tmp_path) as store:
        with store.transaction() as txn:
            repos.create(txn, branch.repo)
        for _ in range(3):
            with store.transaction() as txn:
                last = commits.start(txn, branch)
                commits.finish(txn, last)
        request = pfs_pb2.FindCommitsRequest(start=wire.commit(last, branch), file_path="/a")
        (reply,) = PFS(store).FindCommits(request, Hurried())
    assert (reply.last_searched_commit.id, reply.commits_searched) == (last.id, 1)
