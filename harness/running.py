"""Spec files on a cluster: inputs in, pipelines created, jobs waited for, results shown. What ``harness run`` does."""

from __future__ import annotations

import base64
import json
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.clusters import ClusterError
from harness.specs import Spec, SpecError, load
from harness.workflow import CallError, Workflow, WorkflowError
from harness.workflow.errors import explained

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from harness.clusters import Cluster
    from harness.workflow import Job

MOST_FILES = 20
LONGEST_LINE = 60


def specs_of(files: Sequence[Path]) -> list[Spec]:
    """The specs of all ``files``, in order; :class:`SpecError` also when they are of several projects."""
    specs = [spec for file in files for spec in load(file)]
    projects = {_project(spec) for spec in specs}
    if len(projects) > 1:
        remedy = "run those of each project by themselves"
        raise SpecError(str(files[0]), f"the specs are of several projects: {', '.join(sorted(projects))}", remedy)
    return specs


@dataclass
class Running:
    """The pipelines of some specs on a cluster. ``tell`` gets a line for everything that happens."""

    cluster: Cluster
    specs: Sequence[Spec]
    tell: Callable[[str], None]
    workflow: Workflow = field(init=False)
    _seen: set[str] = field(default_factory=set)
    _seeing: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.workflow = Workflow(self.cluster, _Teller(self.tell), _project(self.specs[0]))

    @property
    def standing(self) -> list[str]:
        """The pipelines that go on by themselves: spouts, services, and those that a clock starts."""
        requests = (spec.request() for spec in self.specs)
        return [
            request.pipeline.name
            for request in requests
            if request.HasField("spout") or request.HasField("service") or _has_cron(request.input)
        ]

    def run(self, repos: Sequence[tuple[str, Path]], secrets: Sequence[Path], output: Path | None) -> None:
        """Fill repos from their folders, create secrets and pipelines, wait, show what came out and save it.

        Raises ``WorkflowError``, and OSError for what cannot be read or written.
        """
        for secret in secrets:
            self.keep_secret(secret)
        for repo, folder in repos:
            self.fill(repo, folder)
        for job in self.create():
            self.show(job)
            if output is not None:
                self._save(job, output / job.pipeline)

    def keep_secret(self, file: Path) -> None:
        """Create the secret of a Kubernetes document in JSON, as ``pachctl create secret`` does, or replace it."""
        try:
            document = json.loads(file.read_text(encoding="utf-8"))
            name, data = document["metadata"]["name"], document["data"]
            values = {key: base64.b64decode(value, validate=True) for key, value in data.items()}
        except (ValueError, LookupError, TypeError, AttributeError):
            form = '{"metadata": {"name": "..."}, "data": {"KEY": "<value in base64>"}}'
            raise WorkflowError(f"{file}: it is no Kubernetes secret; write {form}") from None
        client = self.workflow.client
        with explained(self.cluster, f"creating the secret {name!r}"):
            if name in {info.secret.name for info in client.list_secret()}:
                client.delete_secret(name)
            client.create_secret(name, values)

    def fill(self, repo: str, folder: Path) -> None:
        """Create a repo if it is missing, and put the files of a folder into it in one commit."""
        try:
            self.workflow.create_repo(repo)
        except CallError as error:
            if error.code != "ALREADY_EXISTS":
                raise
        files = {f"/{file.relative_to(folder).as_posix()}": file for file in folder.rglob("*") if file.is_file()}
        self.workflow.put(repo, dict(sorted(files.items())))
        self.tell(f"{repo}: {len(files)} files from {folder}")

    def create(self) -> list[Job]:
        """Create every pipeline, or update the one of that name, and wait for the job that this sets off.

        Services are left out, as their jobs do not end, and spouts have none.
        """
        runs = {}
        for spec in self.specs:
            id_ = self._update(spec)
            self._seen.add(id_)
            if spec.request().HasField("service"):
                self._tell_address(spec)
            else:
                runs[spec.name] = self.workflow.wait(id_)
        return [job for name, run in runs.items() for job in run.jobs if job.pipeline == name]

    def _update(self, spec: Spec) -> str:
        try:
            return self.workflow.update_pipeline(spec)
        except CallError as error:
            if error.code == "NOT_FOUND" and error.details.startswith("repo "):
                raise WorkflowError(f"{error}; --repo NAME=DIR makes a repo and fills it") from None
            raise

    def _tell_address(self, spec: Spec) -> None:
        with explained(self.cluster, f"looking at {spec.name}"):
            inspected = self.workflow.client.inspect_pipeline(
                spec.name, details=True, project_name=self.workflow.project
            )
            service = next(iter(inspected)).details.service
        self.tell(f"{spec.name}: service at {service.ip}:{service.internal_port}")

    def show(self, job: Job) -> None:
        """Tell what became of a job's datums, and its first files: short ones with what is in them."""
        paths = self.workflow.paths(job.pipeline, job.id)
        counted = {"processed": job.processed, "skipped": job.skipped, "recovered": job.recovered}
        became = ", ".join(f"{number} {word}" for word, number in counted.items() if number) or "none"
        self.tell(f"{job.pipeline}: {len(paths)} files; datums: {became}")
        for path in paths[:MOST_FILES]:
            self.tell(f"  {path}  {_in_short(self.workflow.read(job.pipeline, job.id, path))}")
        if len(paths) > MOST_FILES:
            self.tell(f"  ... and {len(paths) - MOST_FILES} more")

    def _save(self, job: Job, folder: Path) -> None:
        for path in self.workflow.paths(job.pipeline, job.id):
            file = folder / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(self.workflow.read(job.pipeline, job.id, path))

    def follow(self) -> None:
        """Tell each further job with its output, until the cluster is gone."""
        following = [threading.Thread(target=self._follow, args=(spec,), daemon=True) for spec in self.specs]
        for thread in following:
            thread.start()
        for thread in following:
            thread.join()

    def _follow(self, spec: Spec) -> None:
        with suppress(WorkflowError, ClusterError):  # the cluster has ended
            for id_ in self._outputs(spec):
                if self._is_new(id_):
                    for job in self.workflow.wait(id_, check=False).jobs:
                        self.show(job)

    def _is_new(self, run_id: str) -> bool:
        """Whether nobody has told of this run, in which several of the pipelines may have jobs."""
        with self._seeing:
            new = run_id not in self._seen
            self._seen.add(run_id)
        return new

    def _outputs(self, spec: Spec) -> Iterator[str]:
        from python_pachyderm.service import pfs_proto

        branch = spec.request().output_branch or "master"
        done = pfs_proto.CommitState.FINISHED
        with explained(self.cluster, f"following {spec.name}"):
            for info in self.workflow.client.subscribe_commit(
                spec.name, branch, state=done, all=True, project_name=self.workflow.project
            ):
                yield info.commit.id


@dataclass
class _Teller:
    """A workflow's witness that passes on what it hears and records nothing."""

    tell: Callable[[str], None]

    def put(self, repo: str, commit: str, path: str, sha256: str, project: str) -> None:
        """For runs that leave a report."""


def _project(spec: Spec) -> str:
    return spec.request().pipeline.project.name or "default"


def _has_cron(node: Any) -> bool:
    children = [child for kind in (node.cross, node.union, node.join, node.group) for child in kind]
    return bool(node.HasField("cron")) or any(_has_cron(child) for child in children)


def _in_short(content: bytes) -> str:
    line = content[: LONGEST_LINE + 1].decode(errors="replace").removesuffix("\n")
    return line if len(content) <= LONGEST_LINE and line.isprintable() else f"{len(content)} bytes"
