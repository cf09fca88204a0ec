# ruff: noqa: N802 -- methods are named as their RPCs
"""Commits and commit sets of ``pfs_v2.API``."""

from __future__ import annotations

import time
from itertools import islice
from typing import TYPE_CHECKING, Any

from google.protobuf import empty_pb2
from python_pachyderm.proto.v2.pfs import pfs_pb2

from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import commits, commitsets, contents, history, records, repos, searching, waits
from harness.pachd.pfs.history import Selection
from harness.pachd.pfs.names import RESERVED_REPO
from harness.pachd.pfs.resolve import resolve
from harness.pachd.services import pfs_requests
from harness.pachd.services import pfs_wire as wire

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from harness.pachd.pfs.keys import Commit
    from harness.pachd.pfs.version_store import VersionStore

# What is read in one snapshot before any of it is sent.
SETS_IN_PAGE = 20
# Of the time that a client gives FindCommits; the rest is for the answer.
SHARE_OF_DEADLINE = 0.85


class CommitCalls:
    """The life of commits, and waiting for them."""

    def __init__(self, store: VersionStore) -> None:
        self.store = store

    def ClearCommit(self, request: Any, _context: Any) -> Any:
        """Drop what was written into an open commit."""
        reference = pfs_requests.required_commit(request)
        with self.store.transaction() as txn:
            commits.clear(txn, resolve(txn.conn, reference.repo, reference.branch, reference.id).key)
        return empty_pb2.Empty()

    def InspectCommit(self, request: Any, context: Any) -> Any:
        """One commit, at once or when it reached the state ``wait``."""
        reference = pfs_requests.required_commit(request)
        if reference.repo.name == RESERVED_REPO:
            return wire.file_set_info(contents.readable(self.store, reference, context.add_callback)[0])
        with self.store.snapshot() as conn:
            row = resolve(conn, reference.repo, reference.branch, reference.id)
            info = wire.commit_info(conn, row)
        if row.finished is not None or request.wait in (waits.State.UNKNOWN, waits.State.STARTED):
            return info
        waits.until(self.store, row.key, request.wait, context.add_callback)
        return info if request.wait == waits.State.READY else self._info(row.key)

    def ListCommit(self, request: Any, _context: Any) -> Iterator[Any]:
        """Commits of a repo or of all, newest first unless ``reverse``; or the line from ``to`` to before ``from``."""
        _check_range(request)
        selection = Selection(
            repo=pfs_requests.required_repo(request) if request.repo.name else None,
            origin=_origin(request),
            started=pfs_requests.read_time(request.started_time) if request.HasField("started_time") else None,
        )
        with self.store.snapshot() as conn:
            if selection.repo is not None:
                repos.get(conn, selection.repo)
        infos = self._range(request, selection) if request.HasField("to") else self._history(request, selection)
        yield from islice(infos, request.number if request.number > 0 else None)

    def FindCommits(self, request: Any, context: Any) -> Iterator[Any]:
        """The commits that changed a file, from ``start`` backwards; last a message that says how far it looked."""
        end = time.monotonic() + SHARE_OF_DEADLINE * context.time_remaining()
        reference = pfs_requests.required_commit(request, "start")
        with self.store.snapshot() as conn:
            start = resolve(conn, reference.repo, reference.branch, reference.id)
        searched = found = 0
        for searched, (row, changed) in enumerate(searching.search(self.store, start, request.file_path), 1):
            last = wire.commit(row.key, row.branch)
            if changed:
                found += 1
                yield pfs_pb2.FindCommitsResponse(found_commit=last, commits_searched=searched)
            if found == (request.limit or None) or time.monotonic() > end:
                break
        yield pfs_pb2.FindCommitsResponse(last_searched_commit=last, commits_searched=searched)

    def SubscribeCommit(self, request: Any, context: Any) -> Iterator[Any]:
        """Commits of a repo as they come, until the client goes away."""
        repo = pfs_requests.required_repo(request)
        hidden = ""
        if request.HasField("from"):
            reference = pfs_requests.read_commit(getattr(request, "from"))
            if reference.repo != repo:
                raise errors.FROM_OF_OTHER_REPO(repo=repo)
            hidden = reference.id
        selection = Selection(repo, _origin(request), request.branch)
        for commit in waits.subscribe(self.store, repo, selection, request.state, context.add_callback):
            if commit.id != hidden:
                yield self._info(commit)

    def InspectCommitSet(self, request: Any, context: Any) -> Iterator[Any]:
        """The commits of an id and all they depend on, provenance first; with ``wait`` each when it is finished."""
        id_ = pfs_requests.required_set(request)
        with self.store.snapshot() as conn:
            rows = commitsets.members(conn, id_)
            late = [row.key for row in rows if request.wait and row.finished is None]
            infos = [wire.commit_info(conn, row) for row in rows if row.key not in late]
        yield from infos
        for commit in late:
            waits.until(self.store, commit, waits.State.FINISHED, context.add_callback)
            yield self._info(commit)

    def ListCommitSet(self, request: Any, _context: Any) -> Iterator[Any]:
        """All commit sets, newest first."""
        last: int | None = None
        while True:
            with self.store.snapshot() as conn:
                page = commitsets.page(conn, request.project.name, last, SETS_IN_PAGE)
                infos = [_set_info(conn, id_) for _, id_ in page]
            if not page:
                return
            last = page[-1][0]
            yield from infos

    def DropCommitSet(self, request: Any, _context: Any) -> Any:
        """Delete the commits of an id with their content."""
        with self.store.transaction() as txn:
            commitsets.drop(txn, pfs_requests.required_set(request))
        return empty_pb2.Empty()

    def _info(self, commit: Commit) -> Any:
        with self.store.snapshot() as conn:
            row = records.find(conn, commit)
            if row is None:
                raise errors.COMMIT_DELETED(commit=commit)
            return wire.commit_info(conn, row)

    def _history(self, request: Any, selection: Selection) -> Iterator[Any]:
        count, last = _page_size(request), None
        while True:
            with self.store.snapshot() as conn:
                rows = history.page(conn, selection, last, oldest_first=request.reverse, count=count)
                infos = [wire.listed_commit_info(conn, self.store.files, row) for row in rows]
            yield from infos
            if len(rows) < count:
                return
            last = rows[-1].pk

    def _range(self, request: Any, selection: Selection) -> Iterator[Any]:
        """From ``to`` along its parents to before ``from``."""
        reference = pfs_requests.read_commit(request.to)
        with self.store.snapshot() as conn:
            start: int | None = resolve(conn, reference.repo, reference.branch, reference.id).pk
        until, count = getattr(request, "from").id, _page_size(request)
        while start is not None:
            with self.store.snapshot() as conn:
                rows, start = history.line(conn, start, until, selection.origin, count)
                infos = [wire.listed_commit_info(conn, self.store.files, row) for row in rows]
            yield from infos


def _check_range(request: Any) -> None:
    ends = [field for field in ("from", "to") if request.HasField(field)]
    if ends == ["from"]:
        raise errors.FROM_WITHOUT_TO()
    repo = pfs_requests.required_repo(request)
    if any(pfs_requests.read_commit(getattr(request, field)).repo != repo for field in ends):
        raise errors.RANGE_OF_OTHER_REPO(repo=repo)
    if ends and request.reverse:
        raise errors.REVERSE_WITH_RANGE()


def _origin(request: Any) -> str:
    """The origin that a request asks for, empty for any."""
    if request.all or not request.origin_kind:
        return ""
    names = {number: str(name) for name, number in pfs_pb2.OriginKind.items()}
    return names.get(request.origin_kind, "no commit's")


def _page_size(request: Any) -> int:
    return min(request.number, history.PAGE) if request.number > 0 else history.PAGE


def _set_info(conn: sqlite3.Connection, id_: str) -> Any:
    rows = commitsets.members(conn, id_)
    return pfs_pb2.CommitSetInfo(
        commit_set=pfs_pb2.CommitSet(id=id_), commits=[wire.commit_info(conn, row) for row in rows]
    )
