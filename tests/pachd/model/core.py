"""What all changes of the model are made of: transactions, what follows from them, commits that begin and end."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.pachd.model.files import changed, problem
from tests.pachd.model.names import ALREADY_EXISTS, SPEC, Branch, Commit, Refused, Repo
from tests.pachd.model.state import BranchRecord, CommitRecord, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_NOTHING = ("AUTO", None, ())  # origin, parent and provenance of a commit for a branch that begins


class Core:
    """``new_id`` gives the id of a transaction; it is asked when the transaction makes its first commit."""

    def __init__(self, new_id: Callable[[], str]) -> None:
        self.state = State()
        self._new_id = new_id
        self._running = False
        self._id = ""
        self._time = 0
        self._dirty: set[Branch] = set()
        self._settled: list[Commit] = []

    @contextmanager
    def transaction(self, id_: str = "") -> Iterator[State]:
        """All of it or nothing, under one id; what follows downstream is done at its end (pfs.md 7).

        Within another one it is part of that one.
        """
        if self._running:
            yield self.state
            return
        before, self.state = self.state, self.state.copy()
        self._running, self._id, self._time = True, id_, self._time + 1
        self._dirty, self._settled = set(), []
        try:
            yield self.state
            self._check_graph()
            self._propagate()
        except Refused:
            self.state = before
            raise
        finally:
            self._running = False

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

    def _set_head(self, branch: Branch, head: Commit) -> None:
        if branch in self.state.branches:
            self.state.update_branch(branch, head=head)
        else:
            self.state.branches[branch] = BranchRecord(head, self._time)

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
        if not (record.finished or error):
            self._settled.append(key)
        leaves = base if error else content
        state.update_commit(key, finished=True, content=content, leaves=leaves, size=size, error=error)
        for child in state.children(key):
            if state.commits[child].finishing and state.commits[child].content is None:
                self._settle(child)
