"""Asking a cluster for its version store: repos, branches, commits and the files in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from python_pachyderm.proto.v2.pfs import pfs_pb2

from harness.evidence import moments, refs
from harness.evidence.facts import Branch, Commit, File, Repo
from harness.evidence.model import Omission

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.evidence.contents import Contents


def repo_name(message: Any) -> str:
    """The record's name for a ``pfs_v2.Repo``."""
    return refs.repo(message.name, message.type, message.project.name)


def commit_name(message: Any) -> str:
    """The record's name for a ``pfs_v2.Commit``; old clusters carry the repo in the branch alone."""
    repo = message.repo if message.repo.name else message.branch.repo
    return f"{repo_name(repo)}@{message.id}"


def repos(client: Any) -> Iterator[Repo]:
    """Every repo of every type. Branches are told for user repos: the client has no way to list those of others."""
    for info in client.list_repo(type=""):
        repo = info.repo
        branches = client.list_branch(repo.name, project_name=repo.project.name or None) if repo.type == "user" else ()
        yield Repo(
            repo.project.name or refs.DEFAULT_PROJECT,
            repo.name,
            repo.type,
            info.description,
            moments.from_message(info, "created"),
            info.details.size_bytes or info.size_bytes_upper_bound,
            tuple(sorted(map(_branch, branches), key=lambda branch: branch.name)),
        )


def _branch(info: Any) -> Branch:
    head = commit_name(info.head) if info.HasField("head") and info.head.id else None
    provenance = sorted({f"{repo_name(branch.repo)}@{branch.name}" for branch in info.direct_provenance})
    return Branch(info.branch.name, head, tuple(provenance))


class Commits:
    """Every commit of a cluster: those of all commit sets, which the client lists with repos of every type."""

    def __init__(self, client: Any, contents: Contents, file_cap: int) -> None:
        self._client = client
        self._contents = contents
        self._file_cap = file_cap
        self.omissions: list[Omission] = []

    def collect(self) -> tuple[Commit, ...]:
        """All commits, oldest first, with the files of finished commits of user repos."""
        infos = {commit_name(info.commit): info for group in self._client.list_commit() for info in group.commits}
        commits = (self._commit(info) for info in infos.values())
        return tuple(sorted(commits, key=lambda commit: (commit.started or "", commit.finished or "", commit.ref)))

    def _commit(self, info: Any) -> Commit:
        name = commit_name(info.commit)
        repo = name.rpartition("@")[0]
        finished = moments.from_message(info, "finished")
        listed = finished is not None and refs.parse(name).type == "user"
        return Commit(
            repo,
            info.commit.id,
            info.commit.branch.name,
            pfs_pb2.OriginKind.Name(info.origin.kind),
            info.description,
            commit_name(info.parent_commit) if info.parent_commit.id else None,
            moments.from_message(info, "started"),
            moments.from_message(info, "finishing"),
            finished,
            info.error,
            info.details.size_bytes or info.size_bytes_upper_bound,
            tuple(sorted({commit_name(commit) for commit in info.direct_provenance})),
            tuple(self._files(info.commit, name)) if listed else (),
        )

    def _files(self, commit: Any, name: str) -> Iterator[File]:
        beyond = large = 0
        walked = (info for info in self._client.walk_file(commit, "/") if info.file_type == pfs_pb2.FILE)
        for count, info in enumerate(walked):
            if count >= self._file_cap:
                beyond += 1
                continue
            found = self._contents.fetch(info)
            large += found is None
            sha256, text = (found.sha256, found.text) if found else (None, None)
            yield File(info.file.path, info.file.datum, info.size_bytes, bytes(info.hash).hex(), sha256, text)
        if beyond:
            self.omissions.append(Omission(name, beyond, f"files beyond the first {self._file_cap} are not listed"))
        if large:
            self.omissions.append(Omission(name, large, "files too large to fetch have no sha256"))
