"""A version store that fits a head: what Pachyderm 2.7 does, as pfs.md says it, without disk, speed or threads.

Methods are named as the RPCs and take their fields. Each either raises ``Refused`` and changes nothing, or is kept.
What is known stands in ``state``, what may follow in ``core``; ``repos``, ``branches`` and ``commits`` are read easiest
in this order, then how commits get their files here, and at last ``transactions``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.pachd.model.commits import Commits
from tests.pachd.model.files import Add, Change, Copy, Delete, Put, check, clean
from tests.pachd.model.names import NOT_FOUND, Branch, Commit, Ref, Refused, is_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Model(Commits):
    """Everything but transactions."""

    def modify_file(self, commit: Ref, changes: Sequence[Change | Copy]) -> None:
        with self.transaction() as state:
            aim = self._aim(commit)
            settled = tuple(self._checked(changes))
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

    def _checked(self, changes: Sequence[Change | Copy]) -> Iterator[Change]:
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
