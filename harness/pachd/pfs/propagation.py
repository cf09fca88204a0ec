"""What follows downstream from a transaction: new commits for every branch that depends on a dirty one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.pachd.pfs import branch_records, branches, dag, records
from harness.pachd.pfs.keys import SPEC, Commit

if TYPE_CHECKING:
    from harness.pachd.pfs.keys import Branch
    from harness.pachd.pfs.txn import Txn


def propagate(txn: Txn) -> None:
    """Give each branch downstream of a dirty one a new open AUTO commit, upstream ones first.

    Nothing is compared: a dirty branch makes new commits below it even where its content is the same. Branches that
    are neither dirty nor below a dirty one get none, so provenance may name commits of any older id.
    """
    for branch in sorted(txn.rewired):
        dag.validate(txn.conn, branch_records.get(txn.conn, branch).pk)
    affected: dict[int, Branch] = {}
    for branch in txn.dirty:
        affected.update(dag.subvenance(txn.conn, branch_records.get(txn.conn, branch).pk))
    for pk in dag.upstream_first(txn.conn, affected):
        _advance(txn, pk, affected[pk])


def _advance(txn: Txn, pk: int, branch: Branch) -> None:
    row = branch_records.get(txn.conn, branch)
    spout = len(row.provenance) == 1 and row.provenance[0].repo.type == SPEC
    if spout or row.head == Commit(branch.repo, txn.id):
        return
    heads = txn.conn.execute(
        "SELECT b.head FROM branch_provenance e JOIN branches b ON b.pk = e.upstream JOIN repos r ON r.pk = b.repo"
        " WHERE e.downstream = ? ORDER BY r.project, r.name, r.type, b.name",
        (pk,),
    )
    provenance = [head for (head,) in heads]
    head = records.insert(txn, branch, records.AUTO, parent=row.head_pk, provenance=provenance)
    branches.point(txn, branch, head)
