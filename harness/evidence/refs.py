"""Names of repos and commits inside a record: ``project/repo``, ``project/repo.type``, and with ``@id`` a commit."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_PROJECT = "default"


@dataclass(frozen=True)
class CommitRef:
    """A commit's name in parts. ``type`` is ``user``, ``spec`` or ``meta``."""

    project: str
    repo: str
    type: str
    id: str

    @property
    def label(self) -> str:
        """The repo as people say it: without the default project, with its type unless that is ``user``."""
        project = "" if self.project == DEFAULT_PROJECT else f"{self.project}/"
        return project + _typed(self.repo, self.type)


def repo(name: str, type_: str = "user", project: str = DEFAULT_PROJECT) -> str:
    """The record's name of a repo; an empty type or project, as Pachyderm's messages may have it, is the default."""
    return f"{project or DEFAULT_PROJECT}/{_typed(name, type_ or 'user')}"


def commit(repo_name: str, commit_id: str, type_: str = "user", project: str = DEFAULT_PROJECT) -> str:
    """The record's name of a commit."""
    return f"{repo(repo_name, type_, project)}@{commit_id}"


def parse(ref: str) -> CommitRef:
    """The parts of a commit's name. Raises ValueError on anything that :func:`commit` would not have made."""
    project, slash, rest = ref.partition("/")
    name, at, commit_id = rest.rpartition("@")
    if not (project and slash and name and at and commit_id):
        raise ValueError(f"{ref!r} does not name a commit: expected project/repo@id or project/repo.type@id")
    bare, _, type_ = name.partition(".")
    return CommitRef(project, bare, type_ or "user", commit_id)


def _typed(name: str, type_: str) -> str:
    return name if type_ == "user" else f"{name}.{type_}"
