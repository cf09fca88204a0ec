"""Server transactions: several changes under one id, all of them or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.pachd.errors import PachError
from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import branch_records, branches, commits, commitsets, records, repos
from harness.pachd.pfs.keys import Branch, Commit, Repo
from harness.pachd.pfs.version_store import VersionStore
from harness.pachd.store.database import Database
from harness.pachd.store.events import Events
from harness.pachd.store.objects import Objects

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

    from harness.pachd.pfs.txn import Txn

LEFT, RIGHT, BELOW = (Branch(Repo("default", name), "master") for name in ("left", "right", "below"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[VersionStore]:
    """``below`` depends on ``left`` and ``right``."""
    database = Database(tmp_path / "metadata.db")
    objects = Objects(tmp_path, database)
    store = VersionStore(database, objects, Events())
    with store.transaction() as txn:
        for branch in (LEFT, RIGHT, BELOW):
            repos.create(txn, branch.repo)
        branches.create(txn, BELOW, provenance=[LEFT, RIGHT])
    yield store
    objects.close()
    database.close()


def test_two_inputs_in_one_transaction_make_one_commit_below(store: VersionStore) -> None:
    with store.transaction() as txn:
        for branch in (LEFT, RIGHT):
            commits.finish(txn, commits.start(txn, branch))
    with store.snapshot() as conn:
        assert commitsets.own(conn, txn.id) == [Commit(b.repo, txn.id) for b in (LEFT, RIGHT, BELOW)]
        below = records.get(conn, Commit(BELOW.repo, txn.id))
        assert set(below.direct_provenance) == {Commit(LEFT.repo, txn.id), Commit(RIGHT.repo, txn.id)}
        assert {row.started for row in commitsets.members(conn, txn.id)} == {txn.now}


def test_a_given_id_is_used(store: VersionStore) -> None:
    id_ = "0123456789ab4def0123456789abcdef"
    with store.transaction(id_) as txn:
        assert commits.start(txn, LEFT) == Commit(LEFT.repo, id_)


def test_one_commit_for_each_repo_and_transaction(store: VersionStore) -> None:
    with store.transaction() as txn:
        first = commits.start(txn, LEFT)
        commits.finish(txn, first)
        with pytest.raises(PachError) as refusal:
            commits.start(txn, LEFT)
    assert refusal.value.kind is errors.SECOND_COMMIT
    assert str(refusal.value) == (
        f"inconsistent dependencies: cannot create commit from {first}; "
        "repo (left) already has a commit in this transaction"
    )


def test_what_fails_at_the_end_leaves_nothing_and_wakes_nobody(store: VersionStore) -> None:
    def fail(_txn: Txn) -> None:
        raise errors.NIL_COMMIT()

    store.at_end.append(fail)
    with store.events.listen(("repo", LEFT.repo)) as listener:
        with pytest.raises(PachError), store.transaction() as txn:
            commits.start(txn, LEFT)
        looks: list[bool] = []
        assert listener.until(lambda: looks.append(True), timeout=0) is None
        assert looks == [True], "nothing woke the listener for a second look"
    with store.snapshot() as conn:
        assert commitsets.own(conn, txn.id) == []
        assert branch_records.get(conn, LEFT).head.id != txn.id


def test_hooks_see_what_propagation_made(store: VersionStore) -> None:
    seen: list[list[Commit]] = []
    store.at_end.append(lambda txn: seen.append(list(txn.created)))
    with store.transaction() as txn:
        commits.start(txn, LEFT)
    assert seen == [[Commit(LEFT.repo, txn.id), Commit(BELOW.repo, txn.id)]]


def test_guards_protect_what_pipelines_own(store: VersionStore) -> None:
    store.repo_guards.append(lambda _conn, repo: repo == BELOW.repo)
    store.finish_guards.append(lambda _conn, commit: commit.repo == BELOW.repo)
    with pytest.raises(PachError) as refusal, store.transaction() as txn:
        repos.delete(txn, BELOW.repo, force=True)
    assert str(refusal.value) == (
        'error checking whether repo "default/below" can be deleted: '
        "cannot delete a repo associated with a pipeline - delete the pipeline instead"
    )
    for delete_all, outer in (
        (repos.delete_all, 'error checking whether repo "default/below" can be deleted'),
        (repos.reset, "could not delete all repos"),
    ):
        with pytest.raises(PachError) as refusal, store.transaction() as txn:
            delete_all(txn)
        assert str(refusal.value).startswith(f"{outer}: cannot delete a repo associated with a pipeline")
    with store.snapshot() as conn:
        head = branch_records.get(conn, BELOW).head
    with pytest.raises(PachError) as refusal, store.transaction() as txn:
        commits.finish(txn, head)
    assert refusal.value.kind is errors.OUTPUT_COMMIT
    with store.transaction() as txn:
        assert commits.seal(txn, head, None, "killed") == "killed"
    with store.snapshot() as conn:
        assert records.get(conn, head).error == "killed"


def test_removed_commits_are_announced_before_they_go(store: VersionStore) -> None:
    gone: list[Commit] = []

    def hook(txn: Txn, removed: list[Commit]) -> None:
        gone.extend(records.get(txn.conn, commit).key for commit in removed)

    store.at_removal.append(hook)
    with store.transaction() as txn:
        commits.start(txn, LEFT)
    with store.transaction() as later:
        commitsets.drop(later, txn.id)
    assert gone == txn.created


def test_times_grow_and_are_never_whole_seconds(store: VersionStore) -> None:
    times = []
    for _ in range(50):
        with store.transaction() as txn:
            times.append(txn.now)
    assert times == sorted(set(times))
    assert all(time % 1_000_000_000 for time in times)


def test_a_rehearsal_goes_to_the_end_and_leaves_nothing(store: VersionStore) -> None:
    """Hooks run and see all of it; nothing is kept, nobody wakes, and those who wait for the outcome learn it."""
    seen: list[list[Commit]] = []
    kept: list[bool] = []
    store.at_end.append(lambda txn: seen.append(list(txn.created)))
    with store.events.listen(("repo", LEFT.repo)) as listener:
        with store.db.write() as conn:
            with store.rehearsal(conn, "0123456789ab4def0123456789abcdef") as txn:
                commits.start(txn, LEFT)
                store.db.at_end(kept.append)
            assert commitsets.own(conn, txn.id) == []
        looks: list[bool] = []
        assert listener.until(lambda: looks.append(True), timeout=0) is None
        assert looks == [True]
    assert seen == [[Commit(LEFT.repo, txn.id), Commit(BELOW.repo, txn.id)]]
    assert kept == [False]


def test_a_rehearsal_that_fails_costs_only_itself(store: VersionStore) -> None:
    new = Branch(Repo("default", "new"), "master")

    def rehearse(conn: sqlite3.Connection) -> None:
        with store.rehearsal(conn, "0123456789ab4def0123456789abcdef") as txn:
            commits.start(txn, new)
            repos.create(txn, new.repo)

    with store.transaction() as txn:
        repos.create(txn, new.repo)
        with pytest.raises(PachError):
            rehearse(txn.conn)
    with store.snapshot() as conn:
        assert repos.exists(conn, new.repo)
        assert branch_records.find(conn, new) is None
