"""What a client sees, in plain values: once from the model (``of_*``), once from messages (``seen_*``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from python_pachyderm.proto.v2.pfs import pfs_pb2

from tests.pachd.model.names import Branch, Commit, Refused, Repo, Trigger

if TYPE_CHECKING:
    from tests.pachd.model.state import State

View = dict[str, Any]


def of_branch(state: State, branch: Branch) -> View:
    record = state.branches[branch]
    return {
        "branch": branch,
        "head": _made(state, record.head),
        "direct_provenance": list(record.direct),
        "provenance": state.provenance(branch),
        "subvenance": state.subvenance(branch),
        "trigger": record.trigger,
    }


def seen_branch(info: Any) -> View:
    return {
        "branch": _branch(info.branch),
        "head": _commit(info.head),
        "direct_provenance": list(map(_branch, info.direct_provenance)),
        "provenance": list(map(_branch, info.provenance)),
        "subvenance": list(map(_branch, info.subvenance)),
        "trigger": _trigger(info.trigger) if info.HasField("trigger") else None,
    }


def of_commit(state: State, commit: Commit) -> View:
    record = state.commits[commit]
    return {
        "commit": _made(state, commit),
        "origin": record.origin,
        "description": record.description,
        "parent": _made(state, record.parent) if record.parent else None,
        "children": sorted(_made(state, child) for child in state.children(commit)),
        "provenance": [_made(state, upstream) for upstream in record.provenance],
        "finishing": record.finishing,
        "finished": record.finished,
        "error": record.error,
        "details": record.size,
        "size": record.size or 0,
    }


def of_listed_commit(state: State, commit: Commit) -> View:
    """ListCommit counts what is in a commit even while it is open; nobody says what, while its parent is open too."""
    view = of_commit(state, commit)
    try:
        view["size"] = sum(map(len, state.content(commit).values()))
    except Refused:
        view["size"] = ...
    return view


def seen_commit(info: Any) -> View:
    times = [info.started, *(getattr(info, name) for name in ("finishing", "finished") if info.HasField(name))]
    assert all(time.nanos for time in times), "clients read whole seconds as unset"
    moments = [(time.seconds, time.nanos) for time in times]
    assert moments == sorted(moments), f"{info.commit} ends before it starts"
    return {
        "commit": _commit(info.commit),
        "origin": pfs_pb2.OriginKind.Name(info.origin.kind),
        "description": info.description,
        "parent": _commit(info.parent_commit) if info.HasField("parent_commit") else None,
        "children": sorted(map(_commit, info.child_commits)),
        "provenance": list(map(_commit, info.direct_provenance)),
        "finishing": info.HasField("finishing"),
        "finished": info.HasField("finished"),
        "error": info.error,
        "details": info.details.size_bytes if info.HasField("details") else None,
        "size": info.size_bytes_upper_bound,
    }


def of_repo(state: State, repo: Repo, *, listed: bool) -> View:
    return {
        "repo": repo,
        "description": state.repos[repo].description,
        "branches": sorted(branch for branch in state.branches if branch.repo == repo),
        "size": _repo_size(state, repo) if listed else 0,
        "details": None if listed else _repo_size(state, repo),
    }


def seen_repo(info: Any) -> View:
    assert info.created.nanos
    return {
        "repo": _repo(info.repo),
        "description": info.description,
        "branches": list(map(_branch, info.branches)),
        "size": info.size_bytes_upper_bound,
        "details": info.details.size_bytes if info.HasField("details") else None,
    }


def seen_key(commit: Any) -> Commit:
    """The key of a Commit that a reply holds."""
    return _commit(commit)[0]


def _repo_size(state: State, repo: Repo) -> int:
    """That of the last good commit on ``master``."""
    master = Branch(repo, "master")
    for commit in state.line(state.branches[master].head if master in state.branches else None):
        record = state.commits[commit]
        if record.finished and not record.error:
            return record.size or 0
    return 0


def _made(state: State, commit: Commit) -> tuple[Commit, str]:
    """A commit and the branch on which it was made, as messages name it."""
    return commit, state.commits[commit].branch


def _repo(repo: Any) -> Repo:
    return Repo(repo.project.name, repo.name, repo.type)


def _branch(branch: Any) -> Branch:
    return Branch(_repo(branch.repo), branch.name)


def _commit(commit: Any) -> tuple[Commit, str]:
    repo = _repo(commit.repo)
    assert _branch(commit.branch).repo == repo, "clients read the repo in different places"
    return Commit(repo, commit.id), commit.branch.name


def _trigger(trigger: Any) -> Trigger:
    return Trigger(trigger.branch, trigger.all, trigger.size, trigger.commits)
