"""Errors of the version store (PFS), with Pachyderm 2.7's codes and texts."""

from harness.pachd.errors.base import Code, Kind

REPO_NOT_FOUND = Kind(Code.NOT_FOUND, "repo {repo} not found")
BRANCH_NOT_FOUND = Kind(Code.NOT_FOUND, 'branch "{name}" not found in repo {repo}')
COMMIT_NOT_FOUND = Kind(Code.NOT_FOUND, "commit {commit} not found")
