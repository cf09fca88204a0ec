"""The verbs of a scenario: repos, commits, pipelines, waiting, reading. Any cluster, through its public client."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from python_pachyderm.pfs import Commit

from harness.workflow.changes import Changes
from harness.workflow.errors import CallError, WorkflowError, explained
from harness.workflow.notes import Notes
from harness.workflow.waiting import Wait
from harness.workflow.witness import SILENT, Witness

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from harness.clusters import Cluster
    from harness.specs import Spec
    from harness.workflow.results import Run

MASTER = "master"
SECONDS_TO_FINISH = 600.0


class Workflow:
    """One project of a cluster. Commits go to ``master``; repos named like ``model.spec`` are a pipeline's own.

    ``witness`` hears how far things are, and what was put where.
    """

    def __init__(self, cluster: Cluster, witness: Witness = SILENT, project: str = "default") -> None:
        self.cluster, self.witness, self.project = cluster, witness, project
        self.client = cluster.client()
        self._notes = Notes(self.client, self.witness.tell)

    def in_new_project(self, project: str) -> Workflow:
        """The same cluster's project of this name, which is created: a place for other pipelines of the same names."""
        with explained(self.cluster, f"creating project {project!r}"):
            self.client.create_project(project)
        return Workflow(self.cluster, self.witness, project)

    def create_repo(self, *repos: str) -> None:
        """Create each repo."""
        for repo in repos:
            with explained(self.cluster, f"creating repo {repo!r}"):
                self.client.create_repo(repo, project_name=self.project)

    @contextmanager
    def commit(self, repo: str) -> Iterator[Changes]:
        """Collect changes and make them one commit, on leaving; nothing is sent when the block raises."""
        changes = Changes()
        yield changes
        with explained(self.cluster, f"committing to repo {repo!r}"):
            with self.client.modify_file_client(Commit(repo=repo, branch=MASTER, project=self.project)) as stream:
                for path in changes.deletes:
                    stream.delete_file(path)
                for path, content in changes.puts.items():
                    stream.put_file_from_bytes(path, content)
            changes.id = self.head(repo)
        for path, content in changes.puts.items():
            self.witness.put(repo, changes.id, path, hashlib.sha256(content).hexdigest(), self.project)

    def put(self, repo: str, files: Mapping[str, bytes | Path]) -> str:
        """Put files in one commit; its id."""
        with self.commit(repo) as changes:
            for path, content in files.items():
                changes.put(path, content)
        return changes.id

    def delete(self, repo: str, *paths: str) -> str:
        """Delete files in one commit; its id."""
        with self.commit(repo) as changes:
            for path in paths:
                changes.delete(path)
        return changes.id

    def create_pipeline(self, spec: Spec) -> str:
        """Create a pipeline; the id of the run that this begins."""
        return self._send(spec, "creating", update=False, reprocess=False)

    def update_pipeline(self, spec: Spec, *, reprocess: bool = False) -> str:
        """Update a pipeline; the id of the run that this begins.

        Without ``reprocess`` the datums that were done stay as they are, whatever the new command is: a datum's
        identity has the input's contents in it and not the command.
        """
        return self._send(spec, "updating", update=True, reprocess=reprocess)

    def start(self, spec: Spec) -> Run:
        """Create a pipeline and wait for its first run."""
        return self.wait(self.create_pipeline(spec))

    def wait(self, run_id: str, *, seconds: float = SECONDS_TO_FINISH, check: bool = True) -> Run:
        """Wait until every job and commit of a run is done.

        ``check`` raises :class:`JobFailedError`, with the reason and the end of the log, unless all succeeded.
        """
        waiting = Wait(self.cluster, self.client, run_id, self.witness.tell, self._notes.tell_of)
        run = waiting.until_finished(seconds)
        return waiting.check(run) if check else run

    def head(self, repo: str) -> str:
        """The id of the newest commit on ``master``."""
        with explained(self.cluster, f"looking at branch {repo}@{MASTER}"):
            return str(self.client.inspect_branch(repo, MASTER, project_name=self.project).head.id)

    def files(self, repo: str, commit_id: str) -> dict[str, bytes]:
        """Every file of a commit: path to content."""
        return {path: self.read(repo, commit_id, path) for path in self.paths(repo, commit_id)}

    def paths(self, repo: str, commit_id: str) -> list[str]:
        """The paths of a commit's files, in Pachyderm's order."""
        return list(self.sizes(repo, commit_id))

    def sizes(self, repo: str, commit_id: str) -> dict[str, int]:
        """The files of a commit, in Pachyderm's order: path to bytes."""
        with explained(self.cluster, f"listing {repo}@{commit_id}"):
            found = {info.file.path: info.size_bytes for info in self.client.walk_file(self._at(repo, commit_id), "/")}
        return {path: size for path, size in found.items() if not path.endswith("/")}

    def read(self, repo: str, commit_id: str, path: str) -> bytes:
        """A file's content."""
        with explained(self.cluster, f"reading {repo}@{commit_id}:{path}"):
            return bytes(self.client.get_file(self._at(repo, commit_id), path).read())

    def resolve(self, repo: str, run_id: str) -> str | None:
        """The id of the commit of ``repo`` that a run (of any repo) used; None when it used none."""
        try:
            return str(self._inspect(repo, run_id).commit.id)
        except CallError as error:
            if error.code == "NOT_FOUND":
                return None
            raise

    def origins(self, repo: str, commit_id: str) -> dict[str, str]:
        """Everything that a commit was made from, transitively: repo to commit id.

        Repos are named ``training``, or ``model.spec`` for a pipeline's spec. Raises :class:`WorkflowError` if two
        commits of one repo took part: then the commit has no single origin.
        """
        found: dict[str, str] = {}
        ahead = [(repo, commit_id)]
        while ahead:
            for source in self._inspect(*ahead.pop()).direct_provenance:
                name, id_ = _name(source.branch.repo), str(source.id)
                if found.setdefault(name, id_) != id_:
                    raise WorkflowError(f"{repo}@{commit_id} was made from {name}@{id_} and {name}@{found[name]} both")
                ahead.append((name, id_))
        return found

    def commit_set(self, run_id: str) -> dict[str, str]:
        """A run's commits and everything that they were made from: repo (``model.meta`` and such too) to commit id."""
        with explained(self.cluster, f"looking at run {run_id}"):
            infos = list(self.client.inspect_commit(run_id))
        return {_name(info.commit.branch.repo): str(info.commit.id) for info in infos}

    def command(self, pipeline: str, spec_commit: str) -> list[str]:
        """The command of the version of a pipeline that its spec commit names."""
        with explained(self.cluster, f"looking at pipeline {pipeline!r}"):
            infos = list(self.client.inspect_pipeline(pipeline, history=-1, details=True, project_name=self.project))
        for info in infos:
            if info.spec_commit.id == spec_commit:
                return [str(word) for word in info.details.transform.cmd]
        raise WorkflowError(f"no version of pipeline {pipeline} has the spec commit {spec_commit}")

    def history(self, repo: str) -> list[str]:
        """The ids of every commit of a repo, newest first, those that pipelines made included."""
        with explained(self.cluster, f"listing the commits of {repo}"):
            infos = self.client.list_commit(repo, all=True, project_name=self.project)
            return [str(info.commit.id) for info in infos]

    def _inspect(self, repo: str, commit_id: str) -> Any:
        with explained(self.cluster, f"looking at commit {repo}@{commit_id}"):
            return next(iter(self.client.inspect_commit(self._at(repo, commit_id))))

    def _send(self, spec: Spec, doing: str, *, update: bool, reprocess: bool) -> str:
        request = spec.with_(project=self.project).request()
        request.update, request.reprocess = update, reprocess
        for note in spec.notes:
            self.witness.tell(f"{spec.source}: {note}")
        with explained(self.cluster, f"{doing} pipeline {spec.name!r} from {spec.source}"):
            self.client.create_pipeline_from_request(request)
            (info,) = self.client.inspect_pipeline(spec.name, project_name=self.project)
        return str(info.spec_commit.id)

    def _at(self, repo: str, commit_id: str) -> Any:
        name, _, kind = repo.partition(".")
        return Commit(repo=name, id=commit_id, repo_type=kind or "user", project=self.project)


def _name(repo: Any) -> str:
    return str(repo.name) if repo.type == "user" else f"{repo.name}.{repo.type}"
