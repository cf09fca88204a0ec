"""What is done to one commit costs the same however many commits there are: counted in steps of SQLite, not in time."""

from __future__ import annotations

import shutil
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2

from harness.pachd.pfs import branches, commits, commitsets, propagation, repos
from harness.pachd.pfs.keys import Branch, Commit, Repo, new_id
from harness.pachd.pfs.resolve import Reference
from harness.pachd.pfs.txn import Txn
from harness.pachd.services import pfs_wire as wire
from harness.pachd.services.pfs import PFS
from tests.pachd.pfs.stores import opened

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.pachd.pfs.version_store import VersionStore

    Call = Callable[[VersionStore, list[str]], object]

FEW, MANY = 40, 1000
SOURCE, OUTPUT = (Branch(Repo("default", name), "master") for name in ("source", "output"))


def fill(store: VersionStore, count: int) -> list[str]:
    """Commits in ``source``, and in ``output``, which depends on it; ids of the sets, oldest first."""
    with store.transaction() as txn:
        for branch in (SOURCE, OUTPUT):
            repos.create(txn, branch.repo)
        branches.create(txn, OUTPUT, provenance=[SOURCE])
        commits.finish(txn, Commit(OUTPUT.repo, txn.id))
    ids = [txn.id]
    with store.db.write() as conn:  # many server transactions that reach the disk as one
        for _ in range(count):
            txn = Txn(store, conn, new_id(), store.now())
            commits.finish(txn, commits.start(txn, SOURCE))
            propagation.propagate(txn)
            commits.finish(txn, Commit(OUTPUT.repo, txn.id))
            ids.append(txn.id)
    return ids


def steps(store: VersionStore, call: Callable[[], object]) -> int:
    """How many steps SQLite's machine takes for ``call``."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    connections = [store.db._writer, *store.db._idle]
    for connection in connections:
        connection.set_progress_handler(count, 1)
    call()
    for connection in connections:
        connection.set_progress_handler(None, 1)
    assert taken > 0
    return taken


def commit(store: VersionStore, _ids: list[str]) -> None:
    with store.transaction() as txn:
        commits.finish(txn, commits.start(txn, SOURCE))


def move_head(store: VersionStore, _ids: list[str]) -> None:
    with store.transaction() as txn:
        branches.create(txn, SOURCE, Reference(SOURCE.repo, SOURCE.name, ""))


def drop(store: VersionStore, ids: list[str]) -> None:
    with store.transaction() as txn:
        commitsets.drop(txn, ids[-1])


def squash(store: VersionStore, ids: list[str]) -> None:
    with store.transaction() as txn:
        commitsets.squash(txn, ids[len(ids) // 2])


def listed(**options: Any) -> Call:
    """ListCommit of one commit."""
    request = pfs_pb2.ListCommitRequest(repo=wire.repo(OUTPUT.repo), number=1, **options)
    return lambda store, _ids: list(PFS(store).ListCommit(request, None))


def inspect(store: VersionStore, ids: list[str]) -> None:
    for reference in (pfs_pb2.Commit(branch=wire.branch(OUTPUT)), wire.commit(Commit(SOURCE.repo, ids[5]), SOURCE)):
        PFS(store).InspectCommit(pfs_pb2.InspectCommitRequest(commit=reference), None)


def inspect_set(store: VersionStore, ids: list[str]) -> None:
    request = pfs_pb2.InspectCommitSetRequest(commit_set=pfs_pb2.CommitSet(id=ids[-1]))
    list(PFS(store).InspectCommitSet(request, None))


def first_set(store: VersionStore, _ids: list[str]) -> None:
    next(PFS(store).ListCommitSet(pfs_pb2.ListCommitSetRequest(), None))


def repos_and_branches(store: VersionStore, _ids: list[str]) -> None:
    service = PFS(store)
    list(service.ListRepo(pfs_pb2.ListRepoRequest(), None))
    list(service.ListBranch(pfs_pb2.ListBranchRequest(), None))


CALLS: dict[str, Call] = {
    "commit": commit,
    "move head": move_head,
    "drop": drop,
    "squash": squash,
    "newest": listed(),
    "oldest": listed(reverse=True),
    "of an origin": listed(origin_kind=pfs_pb2.AUTO),
    "from a commit": listed(to=pfs_pb2.Commit(branch=wire.branch(OUTPUT))),
    "inspect": inspect,
    "inspect set": inspect_set,
    "first set": first_set,
    "repos and branches": repos_and_branches,
}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, list[str]]:
    """A store with few commits and one with many, to be copied; with the ids of their sets."""
    roots = {}
    for count in (FEW, MANY):
        root = tmp_path_factory.mktemp("store")
        with opened(root) as store:
            roots[root] = fill(store, count)
    return roots


@pytest.mark.parametrize("name", CALLS)
def test_a_call_costs_the_same_after_many_commits(filled: dict[Path, list[str]], tmp_path: Path, name: str) -> None:
    taken = []
    for template, ids in filled.items():
        root = shutil.copytree(template, tmp_path / template.name)
        with opened(root) as store:
            with store.snapshot():  # a connection to read from
                pass
            taken.append(steps(store, partial(CALLS[name], store, ids)))
    few, many = taken
    assert many <= 1.1 * few
