"""Fsck finds files in a pipeline's output that no datum of the run accounts for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from python_pachyderm.proto.v2.pfs import pfs_pb2

from harness.pachd.pfs import commits, records, repos
from harness.pachd.pfs.keys import META, Branch, Commit, Repo
from harness.pachd.services import pfs_wire as wire
from harness.pachd.services.pfs import PFS
from tests.pachd.pfs.stores import opened

if TYPE_CHECKING:
    from pathlib import Path

    from harness.pachd.pfs.txn import Txn

OUTPUT = Repo("default", "output")
KNOWN, GONE = "a" * 64, "b" * 64


def write(txn: Txn, repo: Repo, files: list[tuple[str, str]]) -> Commit:
    """A finished commit of files, given by path and datum."""
    commit = commits.start(txn, Branch(repo, "master"))
    edit = txn.store.files.edit(commits.content(txn.conn, records.get(txn.conn, commit)))
    for path, datum in files:
        edit.append(path, datum, b"")
    commits.write(txn, commit, edit.save(txn.conn))
    commits.finish(txn, commit)
    return commit


def test_zombies(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        with store.transaction() as txn:
            for repo in (OUTPUT, OUTPUT.sibling(META), Repo("default", "source")):
                repos.create(txn, repo)
            write(txn, OUTPUT.sibling(META), [(f"/meta/{KNOWN}/meta", KNOWN)])
            commit = write(txn, OUTPUT, [("/kept", KNOWN), ("/left", GONE)])
            write(txn, Repo("default", "source"), [("/data", "default")])

        def fsck(**options: Any) -> list[str]:
            return [reply.error for reply in PFS(store).Fsck(pfs_pb2.FsckRequest(**options), None)]

        zombie = f"zombie file /left in commit {commit}: its meta commit knows no datum {GONE}"
        assert fsck() == []
        assert fsck(zombie_all=True) == [zombie]
        assert fsck(zombie_target=wire.commit(commit, Branch(OUTPUT, "master"))) == [zombie]
        source = pfs_pb2.Commit(branch=wire.branch(Branch(Repo("default", "source"), "master")))
        assert fsck(zombie_target=source) == []
