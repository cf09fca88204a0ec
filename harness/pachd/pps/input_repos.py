"""What a pipeline's input makes in the version store: repos of crons, branches with triggers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import branch_records, branches, repos, triggers
from harness.pachd.pfs.keys import Branch
from harness.pachd.pps import inputs, versions

if TYPE_CHECKING:
    import sqlite3

    from harness.pachd.pfs.keys import Repo
    from harness.pachd.pfs.txn import Txn
    from harness.pachd.pps.keys import Pipeline


def prepare(txn: Txn, pipeline: Pipeline, given: Any) -> None:
    """Make the repos of crons where they are missing. Raises REPO_NOT_FOUND for any other that is."""
    for leaf in inputs.pfs_leaves(given):
        if not repos.exists(txn.conn, inputs.repo(leaf)):
            raise errors.REPO_NOT_FOUND(repo=inputs.repo(leaf))
    for cron in inputs.cron_leaves(given):
        if not repos.exists(txn.conn, inputs.repo(cron)):
            repos.create(txn, inputs.repo(cron), _description(pipeline))


def set_triggers(txn: Txn, given: Any) -> None:
    """Give the branches of leaves that have a trigger that trigger; they are made where missing.

    Raises what CreateBranch says of bad triggers, PROVENANCE_AND_TRIGGER for a branch that has provenance.
    """
    for leaf in inputs.pfs_leaves(given):
        if leaf.HasField("trigger"):
            branch = Branch(inputs.repo(leaf), leaf.branch)
            row = branch_records.find(txn.conn, branch)
            provenance = row.direct_provenance if row is not None else ()
            branches.create(txn, branch, provenance=provenance, trigger=triggers.read(leaf.trigger))


def made_for(conn: sqlite3.Connection, pipeline: Pipeline) -> list[Repo]:
    """The repos that were made for crons of any version of a pipeline; those that were there before are not."""
    crons = [cron for version in versions.history(conn, pipeline) for cron in _crons(version)]
    found = [repo for repo in dict.fromkeys(map(inputs.repo, crons)) if repos.exists(conn, repo)]
    return [repo for repo in found if repos.get(conn, repo).description == _description(pipeline)]


def _crons(version: versions.Version) -> list[Any]:
    details = version.info.details
    return inputs.cron_leaves(details.input) if details.HasField("input") else []


def _description(pipeline: Pipeline) -> str:
    return f"Cron tick repo for pipeline {pipeline}."
