"""Creating, updating, stopping, starting and deleting pipelines, each within a server transaction."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from harness.pachd.errors import PachError
from harness.pachd.errors import pps as errors
from harness.pachd.pfs import branches, commits, repos
from harness.pachd.pfs.keys import META, SPEC, USER
from harness.pachd.pfs.resolve import resolve
from harness.pachd.pps import details, input_repos, inputs, job_changes, jobs, requests, versions
from harness.pachd.pps.keys import Pipeline
from harness.pachd.pps.states import PipelineKind

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from harness.pachd.pfs.keys import Branch, Commit, Repo
    from harness.pachd.pfs.resolve import Reference
    from harness.pachd.pfs.txn import Txn
    from harness.pachd.pps.versions import Version

# Pachyderm names the user even where nobody has to log in.
_KILLED = "all jobs killed because pipeline was {what} for user unknown_username"


def create(txn: Txn, pipeline: Pipeline, request: Any, restored: Reference | None = None) -> None:
    """CreatePipeline: a new pipeline, or with ``request.update`` a new version of an existing one.

    With ``restored`` that commit of its spec repo becomes its spec commit, and its repos may be there already.
    """
    present = versions.current(txn.conn, pipeline)
    if present is not None and not request.update:
        raise errors.PIPELINE_EXISTS(pipeline=pipeline)
    requests.check(request, pipeline)
    info = details.pipeline_info(request, pipeline, _salt(request, present), txn.now)
    input_repos.prepare(txn, pipeline, info.details.input)
    spec_id = ""
    if restored is not None:
        spec_id = _restored(txn, pipeline, restored, update=request.update)
    elif present is not None:
        _kill_jobs(txn, pipeline, "updated")
        if present.branch != info.details.output_branch:
            _disconnect(txn, present)
    elif repos.exists(txn.conn, pipeline.output):
        raise errors.PIPELINE_NAME_TAKEN(name=pipeline.name)
    _make_repos(txn, pipeline, PipelineKind(info.type))
    info.version = present.number + 1 if present else 1
    info.details.created_at.FromNanoseconds(txn.now)
    versions.insert(txn, info, spec_id or _commit_spec(txn, pipeline), stopped=present is not None and present.stopped)
    _connect(txn, versions.get(txn.conn, pipeline))
    input_repos.set_triggers(txn, info.details.input)


def start(txn: Txn, pipeline: Pipeline) -> None:
    """StartPipeline: restores provenance; where that was missing, a job follows."""
    versions.set_stopped(txn, versions.get(txn.conn, pipeline), stopped=False)
    _connect(txn, versions.get(txn.conn, pipeline))


def stop(txn: Txn, pipeline: Pipeline) -> None:
    """StopPipeline: takes provenance away and kills unfinished jobs. A missing pipeline is no error."""
    version = versions.current(txn.conn, pipeline)
    if version is None:
        return
    versions.set_stopped(txn, version, stopped=True)
    _kill_jobs(txn, pipeline, "stopped")
    _connect(txn, versions.get(txn.conn, pipeline))


def delete(txn: Txn, pipeline: Pipeline, *, force: bool = False, keep_repo: bool = False) -> None:
    """Remove a stopped pipeline with its jobs and repos; with ``keep_repo`` the output repo becomes an ordinary one.

    Refused where another pipeline reads its output, unless ``force``. A missing pipeline is no error.
    """
    version = versions.current(txn.conn, pipeline)
    if version is None:
        return
    cron_repos = input_repos.made_for(txn.conn, pipeline)
    versions.delete(txn, pipeline)
    for row in jobs.select(txn.conn, "WHERE project = ? AND pipeline = ?", (pipeline.project, pipeline.name)):
        job_changes.forget(txn, row.job)
    for table in ("datum_records", "datum_sets"):
        where = "project = ? AND pipeline = ?"
        txn.conn.execute(f"DELETE FROM {table} WHERE {where}", (pipeline.project, pipeline.name))  # noqa: S608
    doomed = [pipeline.meta, pipeline.spec] if keep_repo else [pipeline.meta, pipeline.spec, pipeline.output]
    for repo in (*doomed, *cron_repos):
        if repos.exists(txn.conn, repo):
            repos.delete(txn, repo, force=force)


def owns_repo(conn: sqlite3.Connection, repo: Repo) -> bool:
    """Whether a pipeline's existence depends on ``repo``."""
    return repo.type in {USER, META, SPEC} and versions.current(conn, _of(repo)) is not None


def owns_commit(conn: sqlite3.Connection, commit: Commit) -> bool:
    """Whether ``commit`` is for a job to finish."""
    version = versions.current(conn, _of(commit.repo)) if commit.repo.type in {USER, META} else None
    return version is not None and version.kind is PipelineKind.TRANSFORM


def _of(repo: Repo) -> Pipeline:
    return Pipeline(repo.project, repo.name)


def _salt(request: Any, present: Version | None) -> str:
    if request.reprocess:
        return uuid.uuid4().hex
    return str(present.info.details.salt) if present else ""


def _make_repos(txn: Txn, pipeline: Pipeline, kind: PipelineKind) -> None:
    """Make those that are missing. A pipeline that becomes a transform gets its meta repo then."""
    wanted = {
        pipeline.output: f"Output repo for pipeline {pipeline}.",
        pipeline.spec: f"Spec repo for pipeline {pipeline}.",
    }
    if kind is PipelineKind.TRANSFORM:
        wanted[pipeline.meta] = f"Meta repo for pipeline {pipeline.name}"
    for repo, description in wanted.items():
        if not repos.exists(txn.conn, repo):
            repos.create(txn, repo, description)


def _restored(txn: Txn, pipeline: Pipeline, spec: Reference, *, update: bool) -> str:
    """The id of a spec commit that is there."""
    if update:
        raise errors.RESTORED_AND_UPDATED()
    if spec.repo != pipeline.spec:
        raise errors.SPEC_COMMIT_ELSEWHERE(commit=spec, repo=pipeline.spec)
    try:
        found = resolve(txn.conn, spec.repo, spec.branch, spec.id)
    except PachError as error:
        raise error.within("error inspecting spec commit") from None
    return found.key.id


def _commit_spec(txn: Txn, pipeline: Pipeline) -> str:
    spec = commits.start(txn, pipeline.spec_branch)
    commits.finish(txn, spec)
    return spec.id


def _connect(txn: Txn, version: Version) -> None:
    """Give output and meta branch the provenance that the version wants: none while it is stopped."""
    provenance: Sequence[Branch] = ()
    if not version.stopped:
        above = [] if version.kind is PipelineKind.SPOUT else inputs.branches(version.info.details.input)
        provenance = [*above, version.pipeline.spec_branch]
    branches.create(txn, version.output_branch, provenance=provenance)
    if version.kind is PipelineKind.TRANSFORM:
        branches.create(txn, version.meta_branch, provenance=provenance)
    elif repos.exists(txn.conn, version.pipeline.meta):  # of versions before, when it was a transform
        branches.create(txn, version.meta_branch)


def _disconnect(txn: Txn, version: Version) -> None:
    """Take provenance from branches that no job will write to any more."""
    for branch in (version.output_branch, version.meta_branch):
        if repos.exists(txn.conn, branch.repo):
            branches.create(txn, branch)


def _kill_jobs(txn: Txn, pipeline: Pipeline, what: str) -> None:
    for row in jobs.unfinished_of(txn.conn, pipeline):
        job_changes.kill(txn, row, _KILLED.format(what=what))
