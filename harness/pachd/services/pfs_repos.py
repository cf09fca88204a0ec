# ruff: noqa: N802 -- methods are named as their RPCs
"""Projects, repos and branches of ``pfs_v2.API``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import empty_pb2
from python_pachyderm.proto.v2.pfs import pfs_pb2

from harness.pachd.errors import pfs as errors
from harness.pachd.pfs import branch_records, projects, repos
from harness.pachd.services import pfs_requests
from harness.pachd.services import pfs_wire as wire

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from harness.pachd.pfs.keys import Repo
    from harness.pachd.pfs.repos import RepoRow
    from harness.pachd.pfs.version_store import VersionStore


class RepoCalls:
    """What is named, and how it hangs together."""

    def __init__(self, store: VersionStore) -> None:
        self.store = store

    def CreateProject(self, request: Any, _context: Any) -> Any:
        """Make a project, or with ``update`` describe it anew."""
        if not request.HasField("project"):
            raise errors.NIL_PROJECT()
        with self.store.transaction() as txn:
            projects.create(txn, request.project.name, request.description, update=request.update)
        return empty_pb2.Empty()

    def InspectProject(self, request: Any, _context: Any) -> Any:
        """One project."""
        with self.store.snapshot() as conn:
            return wire.project_info(projects.get(conn, request.project.name))

    def ListProject(self, _request: Any, _context: Any) -> Iterator[Any]:
        """All projects, oldest first."""
        with self.store.snapshot() as conn:
            rows = projects.listing(conn)
        yield from map(wire.project_info, rows)

    def DeleteProject(self, request: Any, _context: Any) -> Any:
        """Delete a project without repos; ``force`` changes nothing, as in Pachyderm 2.7."""
        with self.store.transaction() as txn:
            projects.delete(txn, request.project.name)
        return empty_pb2.Empty()

    def InspectRepo(self, request: Any, _context: Any) -> Any:
        """One repo, with its size as details."""
        with self.store.snapshot() as conn:
            row = repos.get(conn, pfs_requests.required_repo(request))
            info = _repo_info(conn, row)
            info.details.CopyFrom(pfs_pb2.RepoInfo.Details(size_bytes=repos.size(conn, row.key)))
            return info

    def ListRepo(self, request: Any, _context: Any) -> Iterator[Any]:
        """Repos of a type (empty: any) in some projects (none: all), newest first."""
        of_projects = [project.name for project in request.projects]
        with self.store.snapshot() as conn:
            infos = [_listed_repo_info(conn, row) for row in repos.listing(conn, request.type, of_projects)]
        yield from infos

    def DeleteRepos(self, request: Any, _context: Any) -> Any:
        """Delete all repos, or those of some projects, in one transaction; the reply names them."""
        of_projects = [project.name for project in request.projects]
        deleted: list[Repo] = []
        if request.all or of_projects:
            with self.store.transaction() as txn:
                deleted = repos.delete_all(txn, () if request.all else of_projects, force=request.force)
        return pfs_pb2.DeleteReposResponse(repos=map(wire.repo, deleted))

    def DeleteAll(self, _request: Any, _context: Any) -> Any:
        """Delete every repo and project, and make project ``default`` anew."""
        with self.store.transaction() as txn:
            repos.reset(txn)
        return empty_pb2.Empty()

    def InspectBranch(self, request: Any, _context: Any) -> Any:
        """One branch."""
        with self.store.snapshot() as conn:
            return wire.branch_info(conn, branch_records.get(conn, pfs_requests.required_branch(request)))

    def ListBranch(self, request: Any, _context: Any) -> Iterator[Any]:
        """Branches of a repo (none: of all), newest first unless ``reverse``."""
        repo = pfs_requests.read_repo(request.repo) if request.repo.name else None
        with self.store.snapshot() as conn:
            rows = branch_records.listing(conn, repo, reverse=request.reverse)
            infos = [wire.branch_info(conn, row) for row in rows]
        yield from infos


def _repo_info(conn: sqlite3.Connection, row: RepoRow) -> Any:
    found = sorted(branch.key for branch in branch_records.listing(conn, row.key))
    return pfs_pb2.RepoInfo(
        repo=wire.repo(row.key),
        created=wire.time(row.created),
        description=row.description,
        branches=map(wire.branch, found),
    )


def _listed_repo_info(conn: sqlite3.Connection, row: RepoRow) -> Any:
    info = _repo_info(conn, row)
    info.size_bytes_upper_bound = repos.size(conn, row.key)
    return info
