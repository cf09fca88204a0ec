"""Triggers that fire outlive a crash, and ticks a restart."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from harness.pachd.pfs import branch_records, branches, commits, history, repos, triggers
from harness.pachd.pfs.history import Selection
from harness.pachd.pfs.keys import Branch, Commit, Repo
from harness.pachd.pfs.resolve import Reference
from harness.pachd.pfs.schedules import SECOND
from harness.pachd.pfs.ticks import Ticker
from harness.pachd.pfs.triggers import Trigger
from tests.pachd.pfs.stores import opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.pachd.pfs.txn import Txn
    from harness.pachd.pfs.version_store import VersionStore

REPO = Repo("default", "repo")
MASTER, COPY, OUTPUT = Branch(REPO, "master"), Branch(REPO, "copy"), Branch(Repo("default", "output"), "master")
NOON = 1_700_000_000 * SECOND
DEADLINE = 20.0  # seconds

# Finishes a commit that a trigger waits for, and is killed in the transaction that moves the trigger's branch.
KILLED = """
import os, signal, sys
from pathlib import Path
from harness.pachd.pfs import branches, commits, repos
from harness.pachd.pfs.triggers import Trigger
from tests.pachd.pfs.stores import opened
from tests.pachd.pfs.test_firing import COPY, MASTER, REPO

def die_when_fired(txn):
    if COPY in txn.dirty:
        os.kill(os.getpid(), signal.SIGKILL)

with opened(Path(sys.argv[1])) as store:
    with store.transaction() as txn:
        repos.create(txn, REPO)
        branches.create(txn, COPY, trigger=Trigger("master", commits=1))
    store.at_end.append(die_when_fired)
    with store.transaction() as txn:
        commit = commits.start(txn, MASTER)
        print(commit.id, flush=True)
        commits.finish(txn, commit)
"""


@dataclass
class Clock:
    """A clock that goes when it is told to."""

    now: int = NOON

    def __call__(self) -> int:
        return self.now


@contextmanager
def ticking(store: VersionStore) -> Iterator[None]:
    ticker = Ticker(store)
    ticker.start()
    try:
        yield
    finally:
        ticker.close()


def head(store: VersionStore, branch: Branch) -> Commit:
    with store.snapshot() as conn:
        return branch_records.get(conn, branch).head


def put(store: VersionStore) -> Commit:
    """A finished commit on master."""
    with store.transaction() as txn:
        made = commits.start(txn, MASTER)
        commits.finish(txn, made)
    return made


def setup(store: VersionStore, spec: str) -> None:
    """``copy`` follows ``master`` by time; each tick makes a commit in ``output``."""
    with store.transaction() as txn:
        for repo in (REPO, OUTPUT.repo):
            if not repos.exists(txn.conn, repo):
                repos.create(txn, repo)
        branches.create(txn, COPY, trigger=Trigger(MASTER.name, cron_spec=spec))
        branches.create(txn, OUTPUT, provenance=[COPY])


def turn(store: VersionStore, clock: Clock, seconds: int) -> None:
    """Let time pass, and wake who sleeps until then."""
    clock.now += seconds * SECOND
    store.events.publish([triggers.TOPIC])


def ticks(store: VersionStore) -> int:
    with store.snapshot() as conn:
        return len(history.page(conn, Selection(OUTPUT.repo))) - 1  # without the first, of CreateBranch


def wait_for(store: VersionStore, count: int) -> None:
    """Wait until there were ``count`` ticks, and no more."""
    with store.events.listen(("repo", OUTPUT.repo)) as listener:
        listener.until(lambda: ticks(store) >= count or None, DEADLINE)
    assert ticks(store) == count, f"waited {DEADLINE:.0f} s for {count} ticks"


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_killed_between_finishing_and_firing(tmp_path: Path) -> None:
    process = subprocess.run([sys.executable, "-c", KILLED, tmp_path], capture_output=True, text=True, check=False)
    assert process.returncode == -signal.SIGKILL, process.stderr
    finished = Commit(REPO, process.stdout.strip())
    with opened(tmp_path) as store:
        assert head(store, MASTER) == finished
        assert head(store, COPY) != finished
        with ticking(store):
            assert head(store, COPY) == finished


def test_what_was_fired_is_not_fired_again(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        with store.transaction() as txn:
            repos.create(txn, REPO)
            branches.create(txn, COPY, trigger=Trigger(MASTER.name, commits=1))
        first, second = put(store), put(store)
        assert head(store, COPY) == second
        with store.transaction() as txn:
            branches.create(txn, COPY, Reference(REPO, "", first.id))
        with ticking(store):
            assert head(store, COPY) == first


def test_a_finish_does_not_fail_where_firing_does(tmp_path: Path) -> None:
    def refuse(txn: Txn) -> None:
        if COPY in txn.dirty:
            raise OSError("no room")

    with opened(tmp_path) as store:
        with store.transaction() as txn:
            repos.create(txn, REPO)
            branches.create(txn, COPY, trigger=Trigger(MASTER.name, commits=1))
        store.at_end.append(refuse)
        finished = put(store)
        assert head(store, COPY) != finished
        store.at_end.clear()
        put(store)
        assert head(store, COPY) == head(store, MASTER)


def test_ticks_follow_the_clock(tmp_path: Path, clock: Clock) -> None:
    with opened(tmp_path, clock) as store, ticking(store):
        setup(store, "0 * * * *")
        first = put(store)
        turn(store, clock, 1800)
        turn(store, clock, 1800)
        wait_for(store, 1)
        assert head(store, COPY) == first
        second = put(store)
        turn(store, clock, 3600)
        wait_for(store, 2)
        assert head(store, COPY) == second
        turn(store, clock, 3600)
        wait_for(store, 3)  # though nothing changed
        assert head(store, COPY) == second


def test_a_restart_continues(tmp_path: Path, clock: Clock) -> None:
    with opened(tmp_path, clock) as store, ticking(store):
        setup(store, "@every 1h")
        put(store)
        turn(store, clock, 3600)
        wait_for(store, 1)
    clock.now += 1800 * SECOND
    with opened(tmp_path, clock) as store, ticking(store):
        turn(store, clock, 1800)
        wait_for(store, 2)


def test_what_was_missed_is_made_up_for_by_one_tick(tmp_path: Path, clock: Clock) -> None:
    with opened(tmp_path, clock) as store:
        setup(store, "@hourly")
        put(store)
    clock.now += 48 * 3600 * SECOND
    with opened(tmp_path, clock) as store, ticking(store):
        wait_for(store, 1)
        turn(store, clock, 3600)
        wait_for(store, 2)


def test_nothing_to_follow_yet(tmp_path: Path, clock: Clock) -> None:
    with opened(tmp_path, clock) as store:
        with store.transaction() as txn:
            repos.create(txn, REPO)
            branches.create(txn, Branch(REPO, "early"), trigger=Trigger("nowhere", cron_spec="@hourly"))
        before = head(store, Branch(REPO, "early"))
        setup(store, "@hourly")
        put(store)
        with ticking(store):
            turn(store, clock, 3600)
            wait_for(store, 1)  # ticks after the other
        assert head(store, Branch(REPO, "early")) == before


def test_a_branch_that_is_deleted_ticks_no_more(tmp_path: Path, clock: Clock) -> None:
    with opened(tmp_path, clock) as store, ticking(store):
        setup(store, "@hourly")
        with store.transaction() as txn:
            branches.delete(txn, COPY, force=True)
            branches.create(txn, Branch(REPO, "other"), trigger=Trigger(MASTER.name, cron_spec="@hourly"))
            branches.create(txn, OUTPUT, provenance=[Branch(REPO, "other")])
        put(store)
        count = ticks(store)
        turn(store, clock, 3600)
        wait_for(store, count + 1)
