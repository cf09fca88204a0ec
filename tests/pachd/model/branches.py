"""Branches: what they depend on, what they follow, where they stand (pfs.md 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.pachd.model.core import Core
from tests.pachd.model.names import SPEC, Branch, Commit, Ref, Refused, Repo, Trigger, check_branch_name

if TYPE_CHECKING:
    from collections.abc import Sequence


class Branches(Core):
    """CreateBranch and DeleteBranch, and triggers."""

    def create_branch(
        self,
        branch: Branch,
        head: Ref | None = None,
        provenance: Sequence[Branch] = (),
        trigger: Trigger | None = None,
    ) -> None:
        with self.transaction() as state:
            if head is not None and head.repo != branch.repo:
                raise Refused("branch and head commit must belong to the same repo")
            self._check_trigger(branch, provenance, trigger)
            for named in (branch, *provenance):
                check_branch_name(named.name)
            for upstream in provenance:
                if upstream not in state.branches:
                    self._new_branch(upstream)
            state.require_repo(branch.repo)
            self._wire(branch, self._head_to_be(head), provenance)
            if trigger is not None:
                state.update_branch(branch, trigger=trigger)

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

    def _head_to_be(self, head: Ref | None) -> Commit | None:
        try:
            return self.state.resolve(head) if head is not None else None
        except Refused as refusal:
            raise refusal.within(f"unable to inspect {head}") from None

    def _check_trigger(self, branch: Branch, provenance: Sequence[Branch], trigger: Trigger | None) -> None:
        if trigger is not None:
            if not trigger.branch:
                raise Refused("triggers must specify a branch to trigger on")
            check_branch_name(trigger.branch)
            if trigger.commits < 0:
                raise Refused("can't trigger on a negative number of commits")
            followed: str | None = trigger.branch
            while followed is not None:
                if followed == branch.name:
                    raise Refused("triggers cannot form a loop")
                before = self._trigger(Branch(branch.repo, followed))
                followed = before.branch if before is not None else None
        if provenance and (trigger is not None or self._trigger(branch) is not None):
            raise Refused("a branch cannot have both provenance and a trigger")

    def _trigger(self, branch: Branch) -> Trigger | None:
        return self.state.branches[branch].trigger if branch in self.state.branches else None

    def _wire(self, branch: Branch, head: Commit | None, provenance: Sequence[Branch]) -> None:
        """Move the head of a branch and replace its provenance.

        Where it has no head, or depends on something else than before, it gets a new commit.
        """
        state = self.state
        direct = tuple(sorted(set(provenance)))
        if any(upstream.repo == branch.repo for upstream in direct):
            raise Refused(f"repo {branch.repo} cannot be in the provenance of its own branch")
        old = state.branches.get(branch)
        start = head or (old.head if old is not None else None)
        if start is None or (direct and direct != (old.direct if old is not None else ())):
            closed = all(upstream.repo.type == SPEC for upstream in direct)
            self._make_commit(branch, "AUTO", start, state.heads(dict.fromkeys(provenance)), closed=closed)
            self._dirty.add(branch)
        elif head is not None:
            self._set_head(branch, head)
            self._dirty.add(branch)
        for upstream in direct:
            if branch in state.provenance(upstream):
                raise Refused(f'branch "{upstream}" cannot be both in "{branch}"\'s provenance and subvenance')
        state.update_branch(branch, direct=direct)

    def _delete_branch(self, branch: Branch, force: bool) -> None:
        state = self.state
        below = state.subvenance(branch)
        if below and not force:
            listed = " ".join(map(str, below))
            text = f"branch {branch.name} has [{listed}] as subvenance, deleting it would break those branches"
            raise Refused(text)
        for downstream in sorted(below, key=lambda each: len(state.provenance(each))):
            direct = state.branches[downstream].direct
            if branch in direct:
                self._wire(downstream, None, [upstream for upstream in direct if upstream != branch])
        del state.branches[branch]
        self._dirty.discard(branch)

    def fire_triggers(self) -> None:
        """Move the branches that follow what the last transaction finished: a transaction for each such commit."""
        settled = [commit for commit in self.state.commits if commit in self._settled]
        self._settled = []
        for commit in settled:
            with self.transaction():
                moved = [self.state.commits[commit].branch]
                for followed in moved:
                    moved += [name for name in self._followers(commit.repo, followed, commit) if name not in moved]

    def _followers(self, repo: Repo, followed: str, new: Commit) -> list[str]:
        """Move every branch whose trigger fires, and name those."""
        state, moved = self.state, []
        for branch, record in list(state.branches.items()):
            trigger = record.trigger
            follows = trigger is not None and branch.repo == repo and trigger.branch == followed
            if follows and self._fires(trigger, record.head, new):
                state.update_branch(branch, head=new)
                self._dirty.add(branch)
                moved.append(branch.name)
        return moved

    def _fires(self, trigger: Trigger | None, old: Commit, new: Commit) -> bool:
        if trigger is None:
            return False
        state = self.state
        line = list(state.line(new))
        conditions = []
        if trigger.size:
            grown = (state.commits[new].size or 0) - (state.commits[old].size or 0)
            conditions.append(grown >= int(trigger.size))
        if trigger.commits:
            conditions.append((line.index(old) if old in line else len(line)) >= trigger.commits)
        return all(conditions) if trigger.all else any(conditions)
