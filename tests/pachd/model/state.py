"""What the model knows: four dicts of unchanging records, and the questions that they answer by themselves."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tests.pachd.model.files import Change, Files, changed
from tests.pachd.model.names import NOT_FOUND, SPEC, Branch, Commit, Ref, Refused, Repo, Trigger, is_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True)
class RepoRecord:
    description: str
    born: int  # number of the transaction that made it


@dataclass(frozen=True)
class BranchRecord:
    head: Commit
    born: int
    direct: tuple[Branch, ...] = ()  # provenance as it was given, sorted
    trigger: Trigger | None = None


@dataclass(frozen=True)
class CommitRecord:
    """``changes`` are those of this commit; ``content`` is its whole content once that is settled, and ``leaves`` what
    its children start from: that, or what it started from itself where it has an error.
    """

    branch: str
    origin: str
    born: int
    parent: Commit | None = None
    provenance: tuple[Commit, ...] = ()
    description: str = ""
    finishing: bool = False
    finished: bool = False
    error: str = ""
    changes: tuple[Change, ...] = ()
    content: Files | None = None
    leaves: Files | None = None
    size: int | None = None  # None where CommitInfo has no details


@dataclass
class State:
    """Dicts in order of creation. A transaction works on a copy, so that a refused one leaves no trace."""

    projects: dict[str, str] = field(default_factory=lambda: {"default": ""})  # descriptions
    repos: dict[Repo, RepoRecord] = field(default_factory=dict)
    branches: dict[Branch, BranchRecord] = field(default_factory=dict)
    commits: dict[Commit, CommitRecord] = field(default_factory=dict)

    def copy(self) -> State:
        return State(dict(self.projects), dict(self.repos), dict(self.branches), dict(self.commits))

    def update_commit(self, key: Commit, **fields: Any) -> None:
        self.commits[key] = replace(self.commits[key], **fields)

    def update_branch(self, key: Branch, **fields: Any) -> None:
        self.branches[key] = replace(self.branches[key], **fields)

    def require_repo(self, repo: Repo) -> None:
        if repo not in self.repos:
            raise Refused(f"repo {repo} not found", NOT_FOUND)

    # Branches.

    def provenance(self, branch: Branch) -> list[Branch]:
        """All branches that ``branch`` depends on, sorted."""
        found: set[Branch] = set()
        ahead = list(self.branches[branch].direct)
        while ahead:
            upstream = ahead.pop()
            if upstream not in found:
                found.add(upstream)
                ahead += self.branches[upstream].direct
        return sorted(found)

    def subvenance(self, branch: Branch) -> list[Branch]:
        """All branches that depend on ``branch``, sorted."""
        return sorted(other for other in self.branches if branch in self.provenance(other))

    def heads(self, branches: Iterable[Branch]) -> tuple[Commit, ...]:
        return tuple(self.branches[branch].head for branch in branches)

    def open_at_birth(self, branch: Branch) -> bool:
        """Somebody must finish the commits that come of themselves, unless they depend on specs only."""
        return any(upstream.repo.type != SPEC for upstream in self.branches[branch].direct)

    # Commits.

    def children(self, commit: Commit) -> list[Commit]:
        return [key for key, record in self.commits.items() if record.parent == commit]

    def line(self, commit: Commit | None) -> Iterator[Commit]:
        """A commit, its parent, and so on."""
        while commit is not None:
            yield commit
            commit = self.commits[commit].parent

    def own(self, id_: str) -> list[Commit]:
        """The commits of a set."""
        return [key for key in self.commits if key.id == id_]

    def members(self, id_: str) -> list[Commit]:
        """The commits of a set, and all that they depend on; the nearest first."""
        found = dict.fromkeys(self.own(id_))
        ahead = list(found)
        for commit in ahead:
            new = [upstream for upstream in self.commits[commit].provenance if upstream not in found]
            found.update(dict.fromkeys(new))
            ahead += new
        return list(found)

    def base(self, commit: Commit) -> Files:
        """What a commit starts from."""
        parent = self.commits[commit].parent
        if parent is None:
            return {}
        left = self.commits[parent].leaves
        if left is None:
            unfinished = next(other for other in self.line(parent) if not self.commits[other].finished)
            raise Refused(f"base commit {unfinished} for commit {commit} unfinished")
        return left

    def content(self, commit: Commit) -> Files:
        """What can be read in a commit."""
        record = self.commits[commit]
        return record.content if record.content is not None else changed(self.base(commit), record.changes)

    # References.

    def resolve(self, ref: Ref) -> Commit:
        """The commit that a client means (pfs.md 6.2)."""
        if not ref.id and not ref.branch:
            raise Refused("cannot resolve commit with no ID or branch")
        base, steps, from_root = _ancestry(ref.id)
        branch = ref.branch
        if base and not is_id(base):
            if branch:
                raise Refused(f"invalid commit ID given with a branch ({Branch(ref.repo, branch)}): {base}\n")
            branch, base = base, ""
        commit = self._by_id(ref.repo, base) if base else self._head(Branch(ref.repo, branch))
        line = list(self.line(commit))
        place = len(line) - steps if from_root and steps else steps
        if not 0 <= place < len(line):
            raise Refused(f"commit {ref} not found", NOT_FOUND)
        return line[place]

    def _head(self, branch: Branch) -> Commit:
        if branch not in self.branches:
            raise Refused(f'branch "{branch.name}" not found in repo {branch.repo}', NOT_FOUND)
        return self.branches[branch].head

    def _by_id(self, repo: Repo, id_: str) -> Commit:
        """The commit of that id, or the one of ``repo`` that the run of that id used."""
        used = [commit for commit in (Commit(repo, id_), *self.members(id_)) if commit.repo == repo]
        found = [commit for commit in used if commit in self.commits]
        if not found:
            raise Refused(f"commit {repo}@{id_} not found", NOT_FOUND)
        return found[0]


def _ancestry(id_: str) -> tuple[str, int, bool]:
    """``X^2`` and ``X~~`` are two steps back from X, ``X.1`` is the root of its line."""
    base = id_.split("^")[0].split("~")[0].split(".")[0]
    suffix = id_[len(base) :]
    if not suffix:
        return base, 0, False
    sign, rest = suffix[0], suffix[1:]
    if rest.isdecimal():
        return base, int(rest), sign == "."
    for char in rest:
        if char != sign:
            raise Refused(f'invalid ancestry syntax "{id_}", cannot mix {sign} and {char} characters')
    return base, len(suffix), sign == "."
