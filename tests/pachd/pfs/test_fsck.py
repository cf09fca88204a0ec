"""Fsck names what is wrong in the tables: each kind of damage is done by hand."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2

from harness.pachd.pfs import branches, commits, repos
from harness.pachd.pfs.keys import Branch, Commit, Repo
from harness.pachd.services.pfs import PFS
from tests.pachd.pfs.stores import opened

if TYPE_CHECKING:
    from pathlib import Path

    from harness.pachd.pfs.version_store import VersionStore

A, B, C = (Branch(Repo("default", name), "master") for name in "abc")


@pytest.fixture
def damaged(tmp_path: Path) -> Any:
    """``c`` depends on ``b``, ``b`` on ``a``; two commits in each of them, but for the given damage."""

    def damage(*statements: str) -> Path:
        with opened(tmp_path) as store:
            _fill(store)
        with closing(sqlite3.connect(tmp_path / "metadata.db", isolation_level=None)) as conn:
            for statement in statements:
                assert conn.execute(statement).rowcount > 0
        return tmp_path

    return damage


def _fill(store: VersionStore) -> None:
    with store.transaction() as txn:
        for branch in (A, B, C):
            repos.create(txn, branch.repo)
        branches.create(txn, B, provenance=[A])
        branches.create(txn, C, provenance=[B])
    with store.transaction() as later:
        commits.finish(later, commits.start(later, A))
    with store.transaction() as last:
        for made in (txn, later):
            for branch in (B, C):
                commits.finish(last, Commit(branch.repo, made.id))


def fsck(root: Path, **options: Any) -> list[str]:
    """What Fsck streams: errors, and what was fixed after a plus."""
    with opened(root) as store:
        replies = list(PFS(store).Fsck(pfs_pb2.FsckRequest(**options), None))
    return [reply.error or f"+ {reply.fix}" for reply in replies]


def names(root: Path) -> dict[str, str]:
    """Commits by repo and age: ``a1`` is the first of repo ``a``. Under ``a1_id`` is the id alone."""
    with closing(sqlite3.connect(root / "metadata.db")) as conn:
        ids = [id_ for (id_,) in conn.execute("SELECT id FROM commits ORDER BY pk")]
    keys = [f"{repo}{number}" for number in "12" for repo in "abc"]
    found = {key: f"default/{key[0]}@{id_}" for key, id_ in zip(keys, ids, strict=True)}
    return {**found, **{f"{key}_id": id_ for key, id_ in zip(keys, ids, strict=True)}}


def test_nothing_is_wrong_with_a_healthy_store(damaged: Any) -> None:
    root = damaged()
    assert fsck(root) == []
    assert fsck(root, fix=True, zombie_all=True) == []


# What is done to the tables, and what Fsck says of it. Repos and branches have the numbers 1 to 3, commits 1 to 6.
DAMAGE = {
    "project": (
        ["DELETE FROM projects"],
        [f"repo default/{name} is in a project that does not exist" for name in "abc"],
    ),
    "user repo": (
        ["INSERT INTO repos (project, name, type, description, created) VALUES ('default', 'x', 'meta', '', 0)"],
        ["repo default/x.meta has no user repo beside it"],
    ),
    "repo": (
        ["DELETE FROM repos WHERE name = 'c'"],
        [
            "branch ?@master is in a repo that does not exist",
            "commit ?@{c1_id} is in a repo that does not exist",
            "commit ?@{c2_id} is in a repo that does not exist",
        ],
    ),
    "head of another repo": (
        ["UPDATE branches SET head = 4 WHERE repo = 3"],
        [
            "the head of branch default/c@master is {a2}, a commit of another repo",
            "the head of branch default/c@master was not made from {b2}, the head of a branch on which it depends",
        ],
    ),
    "parent": (
        ["UPDATE commits SET parent = 999 WHERE pk = 6"],
        ["the parent of commit {c2} does not exist"],
    ),
    "parent of another repo": (
        ["UPDATE commits SET parent = 1 WHERE pk = 6"],
        ["the parent of commit {c2} is {a1}, a commit of another repo"],
    ),
    "parent that is younger": (
        ["UPDATE commits SET parent = 6 WHERE pk = 3"],
        ["commit {c1} is no younger than its parent {c2}"],
    ),
    "provenance": (
        ["UPDATE commit_provenance SET upstream = 999 WHERE downstream = 3"],
        ["commit {c1} was made from a commit that does not exist"],
    ),
    "subvenance": (
        ["UPDATE commit_provenance SET downstream = 999 WHERE downstream = 3"],
        ["a commit that does not exist was made from {b1}"],
    ),
    "provenance that is younger": (
        ["UPDATE commit_provenance SET upstream = 6 WHERE downstream = 3"],
        ["commit {c1} is no younger than {c2}, from which it was made"],
    ),
    "times": (
        ["UPDATE commits SET finishing = NULL WHERE pk = 3"],
        ["commit {c1} is finished without having been finishing, or earlier"],
    ),
    "content": (
        ["UPDATE commits SET root = NULL, base = NULL WHERE pk = 3"],
        ["commit {c1} is finished, but its content is not settled"],
    ),
    "finishing": (
        ["UPDATE commits SET finished = NULL WHERE pk = 6"],
        ["commit {c2} is still finishing, though what it builds on is settled"],
    ),
    "branch": (
        [
            "DELETE FROM branch_closure WHERE upstream = 1",
            "DELETE FROM branches WHERE pk = 1",
        ],
        [
            "branch default/b@master depends on a branch that does not exist",
        ],
    ),
    "own provenance": (
        ["INSERT INTO branch_provenance VALUES (3, 3)"],
        [
            "branch default/c@master is in its own provenance",
            "branch default/c@master lacks default/c@master in its provenance, and is not in its subvenance",
            "the head of branch default/c@master was not made from {c2}, the head of a branch on which it depends",
        ],
    ),
    "head that is behind": (
        ["UPDATE branches SET head = 1 WHERE pk = 1"],
        ["the head of branch default/b@master was not made from {a1}, the head of a branch on which it depends"],
    ),
    "two branches of a repo": (
        [
            "INSERT INTO branches (pk, repo, name, head, created) VALUES (9, 1, 'x', 4, 0)",
            "INSERT INTO branch_provenance VALUES (3, 9)",
            "INSERT INTO branch_closure VALUES (3, 9)",
        ],
        [
            "the head of branch default/c@master was not made from {a2}, the head of a branch on which it depends",
            'validate DAG at end of transaction: multiple branches from the same repo, "default/a",'
            " cannot participate in a DAG",
        ],
    ),
    "trigger": (
        ["INSERT INTO branch_triggers VALUES (999, 'master', 0, '', '', 1, '', 0)"],
        ["table branch_triggers names something that is not in table branches"],
    ),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_named(damaged: Any, kind: str) -> None:
    statements, said = DAMAGE[kind]
    root = damaged(*statements)
    known = names(root)
    assert sorted(fsck(root)) == sorted(text.format(**known) for text in said)


def test_the_closure_of_provenance_is_mended(damaged: Any) -> None:
    root = damaged(
        "DELETE FROM branch_closure WHERE downstream = 3 AND upstream = 1",
        "INSERT INTO branch_closure VALUES (1, 2)",
    )
    assert fsck(root) == [
        "branch default/c@master lacks default/a@master in its provenance, and is not in its subvenance",
        "branch default/a@master has default/b@master in its provenance, on which it does not depend",
    ]
    assert fsck(root, fix=True) == [
        "+ the provenance of branch default/a@master was computed anew",
        "+ the provenance of branch default/c@master was computed anew",
    ]
    assert fsck(root) == []


def test_a_head_that_is_gone_is_replaced(damaged: Any) -> None:
    root = damaged("UPDATE branches SET head = 999 WHERE pk = 3")
    assert fsck(root) == [
        "the head of branch default/c@master does not exist",
        f"the head of branch default/c@master was not made from {names(root)['b2']}, "
        "the head of a branch on which it depends",
    ]
    assert fsck(root, fix=True) == [
        f"+ the head of branch default/c@master did not exist and is {names(root)['c2']} now"
    ]
    assert fsck(root) == []
