"""Commits and commit sets (pfs.md 6 and 8)."""

from __future__ import annotations

from tests.pachd.model.names import SPEC, Branch, Commit, Ref, Refused, check_branch_name
from tests.pachd.model.repos import Repos


class Commits(Repos):
    """How commits begin, end and go away."""

    def start_commit(self, branch: Branch, parent: Ref | None = None, description: str = "") -> Commit:
        with self.transaction():
            return self._start(branch, parent, description)

    def finish_commit(self, commit: Ref, error: str = "", description: str = "") -> None:
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

    def squash_commit_set(self, commit_set: str) -> None:
        with self.transaction() as state:
            self._check_deletable(commit_set)
            for key in state.own(commit_set):
                if not state.children(key):
                    reason = "cannot squash a commit that has no children as that would cause data loss"
                    raise Refused(f"{reason}, use the drop operation instead: {key}")
            for child in (child for key in state.own(commit_set) for child in state.children(key)):
                if state.commits[child].content is None:
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
        # A spout's branch has only its spec above it.
        if branch in state.branches and any(above.repo.type != "spec" for above in state.provenance(branch)):
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
