"""Triggers that fire outlive a crash."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from harness.pachd.pfs import branches, repos
from harness.pachd.pfs.keys import Commit
from harness.pachd.pfs.resolve import Reference
from harness.pachd.pfs.triggers import Trigger
from tests.pachd.pfs.stores import opened
from tests.pachd.pfs.triggered import COPY, MASTER, REPO, head, put, ticking

if TYPE_CHECKING:
    from pathlib import Path

    from harness.pachd.pfs.txn import Txn

# Finishes a commit that a trigger waits for, and is killed in the transaction that moves the trigger's branch.
KILLED = """
import os, signal, sys
from pathlib import Path
from harness.pachd.pfs import branches, commits, repos
from harness.pachd.pfs.triggers import Trigger
from tests.pachd.pfs.stores import opened
from tests.pachd.pfs.triggered import COPY, MASTER, REPO

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
