"""Triggers by time follow the clock, and outlive a restart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from harness.pachd.pfs import branches, history, repos, triggers
from harness.pachd.pfs.history import Selection
from harness.pachd.pfs.keys import Branch, Repo
from harness.pachd.pfs.schedules import SECOND
from harness.pachd.pfs.triggers import Trigger
from tests.pachd.pfs.stores import opened
from tests.pachd.pfs.triggered import COPY, MASTER, REPO, head, put, ticking

if TYPE_CHECKING:
    from pathlib import Path

    from harness.pachd.pfs.version_store import VersionStore

OUTPUT = Branch(Repo("default", "output"), "master")
NOON = 1_700_000_000 * SECOND
DEADLINE = 20.0  # seconds


@dataclass
class Clock:
    """A clock that goes when it is told to."""

    now: int = NOON

    def __call__(self) -> int:
        return self.now


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
