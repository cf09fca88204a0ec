"""A version store that fits a head: what Pachyderm 2.7 does, as pfs.md says it, without disk, speed or threads.

Methods are named as the RPCs and take their fields. Each either raises ``Refused`` and changes nothing, or is kept.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.pachd.model.files import Add, Change, Copy, Delete, Put, changed, check, clean, problem
from tests.pachd.model.names import (
    ALREADY_EXISTS,
    NOT_FOUND,
    SPEC,
    Branch,
    Commit,
    Ref,
    Refused,
    Repo,
    check_branch_name,
    check_name,
    check_project_name,
    is_id,
)
from tests.pachd.model.state import BranchRecord, CommitRecord, RepoRecord, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


_NOTHING = ("AUTO", None, ())  # origin, parent and provenance of a commit for a branch that begins


class Model:
    """``new_id`` gives the id of a transaction; it is asked when the transaction makes its first commit."""

    def __init__(self, new_id: Callable[[], str]) -> None:
        self.state = State()
        self._new_id = new_id
        self._running = False
        self._id = ""
        self._time = 0
        self._dirty: set[Branch] = set()

    @contextmanager
    def transaction(self, id_: str = "") -> Iterator[State]:
        """All of it or nothing, under one id; what follows downstream is done at its end (pfs.md 7).

        Within another one it is part of that one.
        """
        if self._running:
            yield self.state
            return
        before, self.state = self.state, self.state.copy()
        self._running, self._id, self._dirty, self._time = True, id_, set(), self._time + 1
        try:
            yield self.state
            self._check_graph()
            self._propagate()
        except Refused:
            self.state = before
            raise
        finally:
            self._running = False

    # Projects and repos.

    def create_project(self, project: str, description: str = "", update: bool = False) -> None:
        with self.transaction() as state:
            check_project_name(project)
            if project in state.projects and not update:
                raise Refused(f'could not create project: project "{project}" already exists', ALREADY_EXISTS)
            state.projects[project] = description

    def delete_project(self, project: str, force: bool = False) -> None:
        with self.transaction() as state:
            left = sorted(repo for repo in state.repos if repo.project == project)
            if left:
                lines = (f"cannot delete project {project}: repo {repo} still exists" for repo in left)
                raise Refused("\n".join(lines), "FAILED_PRECONDITION")
            if project not in state.projects:
                raise Refused(f'delete project "{project}": project "{project}" not found', NOT_FOUND)
            del state.projects[project]

    def create_repo(self, repo: Repo, description: str = "", update: bool = False) -> None:
        with self.transaction() as state:
            if repo.name == "__filesets__":
                raise Refused("__filesets__ is a reserved name")
            check_name(repo.name)
            if repo.project not in state.projects:
                name = repo.project
                raise Refused(f'cannot find project "{name}": project "{name}" not found', NOT_FOUND)
            if repo in state.repos and not update:
                raise Refused(f"repo {repo} already exists", ALREADY_EXISTS)
            user = Repo(repo.project, repo.name)
            if user != repo and user not in state.repos:
                reason = "cannot create a system repo without a corresponding 'user' repo"
                raise Refused(f"{reason}: repo {user} not found", NOT_FOUND)
            born = state.repos[repo].born if repo in state.repos else self._time
            state.repos[repo] = RepoRecord(description, born)

    def delete_repo(self, repo: Repo, force: bool = False) -> None:
        """A user repo goes with its meta and spec repos, whatever depends on most first."""
        with self.transaction() as state:
            doomed = [key for key in state.repos if key == repo or (repo.type == "user" and key[:2] == repo[:2])]
            branches = [branch for branch in state.branches if branch.repo in doomed]
            for branch in sorted(branches, key=lambda branch: -len(state.provenance(branch))):
                try:
                    self._delete_branch(branch, force)
                except Refused as refusal:
                    raise refusal.within(f"delete branch {branch}") from None
            for key in doomed:
                del state.repos[key]
            state.commits = {key: record for key, record in state.commits.items() if key.repo not in doomed}
            for commit, record in list(state.commits.items()):
                left = tuple(upstream for upstream in record.provenance if upstream in state.commits)
                if left != record.provenance:
                    state.update_commit(commit, provenance=left)

    def delete_all(self) -> None:
        with self.transaction() as state:
            state.branches.clear()
            state.commits.clear()
            state.repos.clear()
            state.projects = {"default": ""}

    # Branches.

    def create_branch(self, branch: Branch, head: Ref | None = None, provenance: Sequence[Branch] = ()) -> None:
        with self.transaction() as state:
            if head is not None and head.repo != branch.repo:
                raise Refused("branch and head commit must belong to the same repo")
            for named in (branch, *provenance):
                check_branch_name(named.name)
            for upstream in provenance:
                if upstream not in state.branches:
                    self._new_branch(upstream)
            state.require_repo(branch.repo)
            target = None
            if head is not None:
                try:
                    target = state.resolve(head)
                except Refused as refusal:
                    raise refusal.within(f"unable to inspect {head}") from None
            self._wire(branch, target, provenance)

    def delete_branch(self, branch: Branch, force: bool = False) -> None:
        with self.transaction() as state:
            if not force:
                state.require_repo(branch.repo)
            if branch in state.branches:
                self._delete_branch(branch, force)

    def _new_branch(self, branch: Branch) -> None:
        """A branch that is only named comes with an empty commit."""
        self.state.require_repo(branch.repo)
        self._make_commit(branch, "AUTO", None, closed=True)

    def _wire(self, branch: Branch, head: Commit | None, provenance: Sequence[Branch]) -> None:
        """Move the head of a branch, replace its provenance, and make a commit where there is none or it depends anew."""
        state = self.state
        direct = tuple(sorted(set(provenance)))
        for upstream in direct:
            if upstream.repo == branch.repo:
                raise Refused(f"repo {branch.repo} cannot be in the provenance of its own branch")
        record = state.branches.get(branch)
        before = record.direct if record is not None else ()
        if record is None and head is None:
            head_to_be = None
        else:
            head_to_be = head or (record.head if record is not None else None)
        for upstream in direct:
            if upstream == branch or branch in state.provenance(upstream):
                raise Refused(f'branch "{upstream}" cannot be both in "{branch}"\'s provenance and subvenance')
        if head_to_be is None or (direct and direct != before):
            closed = all(upstream.repo.type == SPEC for upstream in direct)
            used = state.heads(dict.fromkeys(provenance))
            head_to_be = self._make_commit(branch, "AUTO", head_to_be, used, closed=closed)
            self._dirty.add(branch)
        elif head is not None:
            self._set_head(branch, head_to_be)
            self._dirty.add(branch)
        state.update_branch(branch, direct=direct)

    def _set_head(self, branch: Branch, head: Commit) -> None:
        if branch in self.state.branches:
            self.state.update_branch(branch, head=head)
        else:
            self.state.branches[branch] = BranchRecord(head, self._time)

    def _delete_branch(self, branch: Branch, force: bool) -> None:
        state = self.state
        below = state.subvenance(branch)
        if below and not force:
            listed = " ".join(map(str, below))
            text = f"branch {branch.name} has [{listed}] as subvenance, deleting it would break those branches"
            raise Refused(text)
        for downstream in below:
            direct = state.branches[downstream].direct
            if branch in direct:
                self._wire(downstream, None, [upstream for upstream in direct if upstream != branch])
        del state.branches[branch]
        self._dirty.discard(branch)

    def _check_graph(self) -> None:
        """No repo may be met with two branches on any way from a branch that moved."""
        for dirty in sorted(self._dirty):
            met: dict[Repo, Branch] = {}
            ahead = [dirty]
            while ahead:
                branch = ahead.pop()
                if met.setdefault(branch.repo, branch) != branch:
                    reason = f'multiple branches from the same repo, "{branch.repo}", cannot participate in a DAG'
                    raise Refused(f"validate DAG at end of transaction: {reason}")
                near = (*self.state.provenance(branch), *self.state.subvenance(branch))
                ahead += [other for other in near if met.get(other.repo) != other]

    def _propagate(self) -> None:
        """Everything downstream of a branch that moved gets a commit."""
        state = self.state
        affected = {below for branch in self._dirty for below in state.subvenance(branch)}
        for branch in sorted(affected, key=lambda branch: len(state.provenance(branch))):
            provenance, record = state.provenance(branch), state.branches[branch]
            only_a_spec = len(provenance) == 1 and provenance[0].repo.type == SPEC
            if not only_a_spec and record.head.id != self._id:
                self._make_commit(branch, "AUTO", record.head, state.heads(record.direct))

    # Commits.

    def start_commit(self, branch: Branch, parent: Ref | None = None, description: str = "") -> Commit:
        with self.transaction():
            return self._start(branch, parent, description)

    def finish_commit(self, commit: Ref, error: str = "", description: str = "", force: bool = False) -> None:
        with self.transaction() as state:
            key = state.resolve(commit)
            if state.commits[key].finishing:
                raise Refused(f"commit {key} has already finished")
            if description:
                state.update_commit(key, description=description)
            self._finish(key, error)

    def clear_commit(self, commit: Ref) -> None:
        with self.transaction() as state:
            key = state.resolve(commit)
            if state.commits[key].finishing:
                raise Refused("cannot clear finished commit")
            state.update_commit(key, changes=())

    def _start(self, branch: Branch, parent: Ref | None = None, description: str = "") -> Commit:
        base = self._startable(branch, parent)
        if Commit(branch.repo, self._id) in self.state.commits:
            source = f"cannot create commit from {base or Ref(branch.repo)}"
            reason = f"repo ({branch.repo.name}) already has a commit in this transaction"
            raise Refused(f"inconsistent dependencies: {source}; {reason}")
        self._dirty.add(branch)
        return self._make_commit(branch, "USER", base, description=description)

    def _startable(self, branch: Branch, parent: Ref | None = None) -> Commit | None:
        """The parent of a commit to be started."""
        state = self.state
        check_branch_name(branch.name)
        state.require_repo(branch.repo)
        if branch in state.branches and state.provenance(branch):
            raise Refused(f"cannot start a commit on an output branch: {branch}")
        base = state.branches[branch].head if branch in state.branches else None
        if parent is not None:
            try:
                base = state.resolve(parent)
            except Refused as refusal:
                raise refusal.within("parent commit not found") from None
            if base.repo != branch.repo:
                raise Refused(f"parent commit {base} belongs to another repo than the new commit's branch {branch}")
        if base is not None and not state.commits[base].finishing:
            raise Refused(f"parent commit {base} has not been finished")
        return base

    def _make_commit(
        self,
        branch: Branch,
        origin: str,
        parent: Commit | None,
        provenance: Sequence[Commit] = (),
        *,
        closed: bool = False,
        description: str = "",
    ) -> Commit:
        """The commit of this transaction in the branch's repo; it becomes the branch's head.

        There is one in a repo: branches that begin in the same transaction without anything share it.
        """
        self._id = self._id or self._new_id()
        key = Commit(branch.repo, self._id)
        size = 0 if origin == "USER" else None
        used = tuple(dict.fromkeys(provenance))
        record = CommitRecord(branch.name, origin, self._time, parent, used, description, size=size)
        there = self.state.commits.get(key)
        if there is not None and (origin, parent, used, there.origin, there.parent, there.provenance) != _NOTHING * 2:
            raise Refused(f"commit {key} already exists", ALREADY_EXISTS)
        self._set_head(branch, key)
        if there is not None:
            return key
        self.state.commits[key] = record
        if closed:
            self.state.update_commit(key, finishing=True, finished=True, size=0)
            self._settle(key)
        return key

    def _finish(self, key: Commit, error: str = "") -> None:
        """A commit is finished when what it builds on is; one with an error is finished at once."""
        self.state.update_commit(key, finishing=True, error=error)
        if error:
            self.state.update_commit(key, finished=True, size=None)
        self._settle(key)

    def _settle(self, key: Commit) -> None:
        """Fix the content of a finishing commit when that of its base is fixed, then that of its children."""
        state = self.state
        record = state.commits[key]
        try:
            base = state.base(key)
        except Refused:
            return
        content = changed(base, record.changes)
        size = None if record.error else sum(map(len, content.values()))
        error = record.error or problem(content)
        leaves = base if error else content
        state.update_commit(key, finished=True, content=content, leaves=leaves, size=size, error=error)
        for child in state.children(key):
            if state.commits[child].finishing and state.commits[child].content is None:
                self._settle(child)

    # Commit sets.

    def squash_commit_set(self, commit_set: str) -> None:
        with self.transaction() as state:
            self._check_deletable(commit_set)
            for key in state.own(commit_set):
                if not state.children(key):
                    reason = "cannot squash a commit that has no children as that would cause data loss"
                    raise Refused(f"{reason}, use the drop operation instead: {key}")
            for child in (child for key in state.own(commit_set) for child in state.children(key)):
                if not state.commits[child].finished:
                    advice = ", consider using WaitCommit" if state.commits[child].finishing else ""
                    raise Refused(f"cannot squash until child commit {child} is finished{advice}")
            self._remove(state.own(commit_set))

    def drop_commit_set(self, commit_set: str) -> None:
        with self.transaction() as state:
            self._check_deletable(commit_set)
            for key in state.own(commit_set):
                if state.children(key):
                    raise Refused(f"cannot drop a commit that has children: {key}")
            self._remove(state.own(commit_set))

    def _check_deletable(self, id_: str) -> None:
        state = self.state
        dependent = {key.id for key in state.commits if any(up.id == id_ for up in state.commits[key].provenance)}
        ahead = list(dependent := dependent - {id_})
        while ahead:
            further = ahead.pop()
            new = {key.id for key, record in state.commits.items() for up in record.provenance if up.id == further}
            ahead += new - dependent
            dependent |= new
        dependent -= {id_}
        if dependent:
            listed = " ".join(f'id:"{other}"' for other in sorted(dependent))
            set_ = '"id:\\"' + id_ + '\\""'
            raise Refused(f"commit set {set_} cannot be dropped because it has subvenant commit sets: [{listed}]")
        for key in state.own(id_):
            if key.repo.type == SPEC and state.commits[key].origin == "USER":
                raise Refused(f"cannot squash commit {key} because it updated a pipeline")

    def _remove(self, doomed: list[Commit]) -> None:
        """Children and branches fall back to the parent; a branch without one begins anew."""
        state = self.state
        orphans = []
        for key in doomed:
            parent = state.commits[key].parent
            for child in state.children(key):
                state.update_commit(child, parent=parent)
            for branch, record in list(state.branches.items()):
                if record.head == key and parent is not None:
                    state.update_branch(branch, head=parent)
                elif record.head == key:
                    orphans.append(branch)
            del state.commits[key]
        for branch in sorted(orphans, key=lambda branch: len(state.provenance(branch))):
            used = state.heads(state.branches[branch].direct)
            self._make_commit(branch, "AUTO", None, used, closed=not state.open_at_birth(branch))

    # Files.

    def modify_file(self, commit: Ref, changes: Sequence[Change | Copy]) -> None:
        with self.transaction() as state:
            aim = self._aim(commit)
            settled = tuple(self._settled(changes))
            key = self._start(aim) if isinstance(aim, Branch) else aim
            state.base(key)  # a difference from Pachyderm: what a change applies to must be known
            state.update_commit(key, changes=(*state.commits[key].changes, *settled))
            if isinstance(aim, Branch):
                self._finish(key)

    def _aim(self, ref: Ref) -> Commit | Branch:
        """An open commit, or the branch for a commit of its own (pfs.md 9.1)."""
        by_id = is_id(ref.id) or bool(ref.id and ref.branch)
        branch = Branch(ref.repo, ref.branch or ("" if by_id else ref.id))
        try:
            commit = self.state.resolve(ref)
        except Refused as refusal:
            if refusal.code != NOT_FOUND or not branch.name:
                raise
        else:
            if not self.state.commits[commit].finishing:
                return commit
            if by_id:
                raise Refused(f"commit {commit} has already finished")
        self._startable(branch)
        return branch

    def _settled(self, changes: Sequence[Change | Copy]) -> Iterator[Change]:
        for change in changes:
            if isinstance(change, Copy):
                yield from self._copied(change)
            else:
                check(change)
                yield change

    def _copied(self, copy: Copy) -> Iterator[Change]:
        source, target = clean(copy.path).rstrip("/"), copy.destination.rstrip("/")
        kind = Add if copy.append else Put
        check(Delete(copy.destination))
        for (path, datum), data in sorted(self.state.content(self.state.resolve(copy.source)).items()):
            if (path == source or path.startswith(f"{source}/")) and copy.source_datum in ("", datum):
                change = kind(target + path[len(source) :], data, copy.datum)
                check(change)
                yield change
