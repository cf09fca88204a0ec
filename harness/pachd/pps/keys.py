"""The names of pipelines and jobs, and the repos that belong to a pipeline."""

from __future__ import annotations

from dataclasses import dataclass

from harness.pachd.pfs.keys import META, SPEC, USER, Branch, Commit, Repo

SPEC_BRANCH = "master"


@dataclass(frozen=True, order=True)
class Pipeline:
    """A pipeline's key; text form ``project/name``."""

    project: str
    name: str

    def __str__(self) -> str:
        return f"{self.project}/{self.name}"

    @property
    def output(self) -> Repo:
        """The repo of its results."""
        return Repo(self.project, self.name, USER)

    @property
    def meta(self) -> Repo:
        """The repo that says how each datum was processed."""
        return Repo(self.project, self.name, META)

    @property
    def spec(self) -> Repo:
        """The repo with an empty commit for each version."""
        return Repo(self.project, self.name, SPEC)

    @property
    def spec_branch(self) -> Branch:
        """Where the versions are."""
        return Branch(self.spec, SPEC_BRANCH)


@dataclass(frozen=True, order=True)
class Job:
    """A job's key: the run of one pipeline in one commit set. Text form ``project/name@id``."""

    pipeline: Pipeline
    id: str

    def __str__(self) -> str:
        return f"{self.pipeline}@{self.id}"

    @property
    def output(self) -> Commit:
        """The commit of its results."""
        return Commit(self.pipeline.output, self.id)

    @property
    def meta(self) -> Commit:
        """The commit that says how its datums were processed."""
        return Commit(self.pipeline.meta, self.id)
