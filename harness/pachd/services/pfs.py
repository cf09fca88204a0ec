"""``pfs_v2.API``: the version store."""

from harness.pachd.services.pfs_commits import CommitCalls
from harness.pachd.services.pfs_files import FileCalls
from harness.pachd.services.pfs_repos import RepoCalls


class PFS(RepoCalls, CommitCalls, FileCalls):
    """The RPCs of the version store by name; what is not there is not implemented."""
