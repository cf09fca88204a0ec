"""The pipelines of spec files on a cluster."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.running import filling, results
from harness.running.following import Follower, stands
from harness.specs import Spec, SpecError, load
from harness.workflow import CallError, Workflow, WorkflowError
from harness.workflow.errors import explained

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from harness.clusters import Cluster
    from harness.workflow import Job


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
    _runs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.workflow = Workflow(self.cluster, _Teller(self.tell), _project(self.specs[0]))

    @property
    def standing(self) -> list[str]:
        """The pipelines that go on by themselves."""
        return [spec.name for spec in self.specs if stands(spec)]

    def run(self, repos: Sequence[tuple[str, Path]], secrets: Sequence[Path], output: Path | None) -> None:
        """Fill repos from their folders, create secrets and pipelines, wait, show what came out and save it.

        Raises ``WorkflowError``, and OSError for what cannot be read or written.
        """
        for secret in secrets:
            filling.keep_secret(self.workflow, secret)
        for repo, folder in repos:
            count = filling.fill(self.workflow, repo, folder)
            self.tell(f"{repo}: {count} files from {folder}")
        for job in self._create():
            for line in results.lines(self.workflow, job):
                self.tell(line)
            if output is not None:
                results.save(self.workflow, job, output / job.pipeline)

    def follow(self) -> None:
        """Tell each further job with its output, and what spouts and services print, until the cluster is gone."""
        Follower(self.workflow, self.specs, self.tell, self._runs).follow()

    def _create(self) -> list[Job]:
        """Create every pipeline, or update the one of that name, and wait for the job that this sets off.

        Services are left out, as their jobs do not end, and spouts have none.
        """
        jobs: list[Job] = []
        for spec in self.specs:
            self._runs.append(self._update(spec))
            if spec.request().HasField("service"):
                self._tell_address(spec)
            else:
                jobs += [job for job in self.workflow.wait(self._runs[-1]).jobs if job.pipeline == spec.name]
        return jobs

    def _update(self, spec: Spec) -> str:
        try:
            return self.workflow.update_pipeline(spec)
        except CallError as error:
            if error.code == "NOT_FOUND" and error.details.startswith("repo "):
                raise WorkflowError(f"{error}; --repo NAME=DIR makes a repo and fills it") from None
            raise

    def _tell_address(self, spec: Spec) -> None:
        with explained(self.cluster, f"looking at {spec.name}"):
            infos = self.workflow.client.inspect_pipeline(spec.name, details=True, project_name=self.workflow.project)
            service = next(iter(infos)).details.service
        self.tell(f"{spec.name}: service at {service.ip}:{service.internal_port}")


@dataclass
class _Teller:
    """A workflow's witness that passes on what it hears and records nothing."""

    tell: Callable[[str], None]

    def put(self, repo: str, commit: str, path: str, sha256: str, project: str) -> None:
        """For runs that leave a report."""


def _project(spec: Spec) -> str:
    return spec.request().pipeline.project.name or "default"
