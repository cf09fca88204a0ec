"""Projects and repos (pfs.md 3 and 4)."""

from __future__ import annotations

from tests.pachd.model.branches import Branches
from tests.pachd.model.names import ALREADY_EXISTS, NOT_FOUND, Branch, Refused, Repo, check_name, check_project_name
from tests.pachd.model.state import RepoRecord


class Repos(Branches):
    """Where branches are."""

    def create_project(self, project: str, description: str = "", update: bool = False) -> None:
        with self.transaction() as state:
            check_project_name(project)
            if project in state.projects and not update:
                raise Refused(f'could not create project: project "{project}" already exists', ALREADY_EXISTS)
            state.projects[project] = description

    def delete_project(self, project: str) -> None:
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
        """A user repo goes with its meta and spec repos: first the branches that depend on most, then its own."""
        with self.transaction() as state:
            doomed = [key for key in state.repos if key == repo or (repo.type == "user" and key[:2] == repo[:2])]
            branches = [branch for branch in state.branches if branch.repo in doomed]
            for branch in sorted(branches, key=lambda each: (-len(state.provenance(each)), each.repo.type != "user")):
                self._delete_branch_of(branch, force)
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

    def _delete_branch_of(self, branch: Branch, force: bool) -> None:
        try:
            self._delete_branch(branch, force)
        except Refused as refusal:
            raise refusal.within(f"delete branch {branch}") from None
