"""``pfs_v2.API``: the version store."""

from harness.pachd.errors import server as errors
from harness.pachd.services import modifications, pfs_changes
from harness.pachd.services.joining import rpc
from harness.pachd.services.pfs_commits import CommitCalls
from harness.pachd.services.pfs_filesets import FileSetCalls
from harness.pachd.services.pfs_fsck import FsckCalls
from harness.pachd.services.pfs_repos import RepoCalls
from harness.pachd.services.wire import always, nothing


class PFS(RepoCalls, CommitCalls, FileSetCalls, FsckCalls):
    """The RPCs of the version store by name; what is not there is not implemented."""

    parsers = dict.fromkeys(("ModifyFile", "CreateFileSet"), modifications.read)
    ActivateAuth = always(errors.AUTH_NOT_ACTIVATED)
    ListTask = nothing  # changes are made where they are asked for; there is no queue of tasks
    RunLoadTest = RunLoadTestDefault = always(errors.NO_LOAD_TESTS)
    CreateRepo = rpc(pfs_changes.create_repo)
    DeleteRepo = rpc(pfs_changes.delete_repo)
    StartCommit = rpc(pfs_changes.start_commit)
    FinishCommit = rpc(pfs_changes.finish_commit)
    SquashCommitSet = rpc(pfs_changes.squash_commit_set)
    CreateBranch = rpc(pfs_changes.create_branch)
    DeleteBranch = rpc(pfs_changes.delete_branch)
