"""Lines of commits that are longer than any stack."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from harness.pachd.pfs import branches, commits, propagation, records, repos
from harness.pachd.pfs.keys import Branch, Commit, Repo, new_id
from harness.pachd.pfs.txn import Txn
from tests.pachd.pfs.stores import opened

if TYPE_CHECKING:
    from pathlib import Path

SOURCE, OUTPUT = (Branch(Repo("default", name), "master") for name in ("source", "output"))


def test_finishing_the_first_of_many_that_wait_for_it(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        with store.transaction() as txn:
            for branch in (SOURCE, OUTPUT):
                repos.create(txn, branch.repo)
            branches.create(txn, OUTPUT, provenance=[SOURCE])
        first = txn.id
        with store.db.write() as conn:  # many server transactions that reach the disk as one
            for _ in range(sys.getrecursionlimit() + 10):
                txn = Txn(store, conn, new_id(), store.now())
                commits.finish(txn, commits.start(txn, SOURCE))
                propagation.propagate(txn)
                commits.finish(txn, Commit(OUTPUT.repo, txn.id))
        with store.transaction() as last:
            commits.finish(last, Commit(OUTPUT.repo, first))
        with store.snapshot() as conn:
            assert conn.execute("SELECT count(*) FROM commits WHERE finished IS NULL").fetchone()[0] == 0
            assert records.get(conn, Commit(OUTPUT.repo, txn.id)).finished == last.now
