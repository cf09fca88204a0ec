"""Errors of the version store (PFS), with Pachyderm 2.7's codes and texts."""

from harness.pachd.errors.base import Code, Kind, Resource

# Names and references.
INVALID_NAME = Kind(
    Code.UNKNOWN, "name ({name}) invalid: only alphanumeric characters, underscores, and dashes are allowed"
)
LONG_NAME = Kind(Code.UNKNOWN, "name ({start}...) invalid: it has {length} characters, {limit} are the most")
BRANCH_NAME_IS_ID = Kind(Code.UNKNOWN, "bad key: branch name cannot be a UUID V4")
RESERVED_NAME = Kind(Code.UNKNOWN, "{name} is a reserved name")
PROJECT_NAME_START = Kind(Code.UNKNOWN, "invalid project name: project names must start with an alphanumeric character")
PROJECT_NAME_LENGTH = Kind(
    Code.UNKNOWN,
    'invalid project name: project name "{project}" is {excess} characters longer than the {limit} max',
)
NIL_PROJECT = Kind(Code.UNKNOWN, "invalid project name: nil project")
NIL_REPO = Kind(Code.UNKNOWN, "repo cannot be nil")
NIL_BRANCH = Kind(Code.UNKNOWN, "branch cannot be nil")
NIL_BRANCH_REPO = Kind(Code.UNKNOWN, "branch repo cannot be nil")
NIL_COMMIT = Kind(Code.UNKNOWN, "commit cannot be nil")
NIL_COMMIT_SET = Kind(Code.UNKNOWN, "commitset cannot be nil")
COMMIT_WITHOUT_REPO = Kind(Code.UNKNOWN, "commit must have a repo")
COMMIT_WITHOUT_NAME = Kind(Code.UNKNOWN, "cannot resolve commit with no ID or branch")
TWO_BRANCHES = Kind(Code.UNKNOWN, "invalid commit ID given with a branch ({branch}): {id}\n")
BAD_TIME = Kind(Code.INVALID_ARGUMENT, "{seconds} seconds since 1970 is a time that this cluster cannot keep")
BAD_ANCESTRY = Kind(Code.UNKNOWN, 'invalid ancestry syntax "{id}", cannot mix {first} and {second} characters')

# Projects and repos.
PROJECT_NOT_FOUND = Kind(Code.NOT_FOUND, 'project "{project}" not found')
PROJECT_EXISTS = Kind(Code.ALREADY_EXISTS, 'could not create project: project "{project}" already exists')
PROJECT_NOT_EMPTY = Kind(Code.FAILED_PRECONDITION, "{reasons}")
REPO_NOT_FOUND = Kind(Code.NOT_FOUND, "repo {repo} not found")
REPO_EXISTS = Kind(Code.ALREADY_EXISTS, "repo {repo} already exists")
NO_REPO = Kind(Code.INVALID_ARGUMENT, "no repo specified")
REPO_OF_PIPELINE = Kind(Code.UNKNOWN, "cannot delete a repo associated with a pipeline - delete the pipeline instead")

# Branches.
BRANCH_NOT_FOUND = Kind(Code.NOT_FOUND, 'branch "{name}" not found in repo {repo}')
HEAD_OF_OTHER_REPO = Kind(Code.UNKNOWN, "branch and head commit must belong to the same repo")
OWN_REPO_IN_PROVENANCE = Kind(Code.UNKNOWN, "repo {repo} cannot be in the provenance of its own branch")
PROVENANCE_AND_TRIGGER = Kind(Code.UNKNOWN, "a branch cannot have both provenance and a trigger")
PROVENANCE_CYCLE = Kind(Code.UNKNOWN, 'branch "{upstream}" cannot be both in "{branch}"\'s provenance and subvenance')
NOT_A_DAG = Kind(
    Code.UNKNOWN,
    'validate DAG at end of transaction: multiple branches from the same repo, "{repo}", cannot participate in a DAG',
)
BRANCH_HAS_SUBVENANCE = Kind(
    Code.UNKNOWN, "branch {name} has [{subvenance}] as subvenance, deleting it would break those branches"
)
TRIGGER_WITHOUT_BRANCH = Kind(Code.UNKNOWN, "triggers must specify a branch to trigger on")
TRIGGER_CRON_SPEC = Kind(Code.UNKNOWN, "invalid trigger cron spec: {reason}")
TRIGGER_RATE_LIMIT_SPEC = Kind(Code.UNKNOWN, "invalid trigger rate limit spec: {reason}")
TRIGGER_SIZE = Kind(Code.UNKNOWN, "invalid trigger size: {reason}")
TRIGGER_COMMITS = Kind(Code.UNKNOWN, "can't trigger on a negative number of commits")
TRIGGER_LOOP = Kind(Code.UNKNOWN, "triggers cannot form a loop")

# Commits.
COMMIT_NOT_FOUND = Kind(Code.NOT_FOUND, "commit {commit} not found")
COMMIT_EXISTS = Kind(Code.ALREADY_EXISTS, "commit {commit} already exists")
PARENT_NOT_FINISHED = Kind(Code.UNKNOWN, "parent commit {commit} has not been finished")
PARENT_OF_OTHER_REPO = Kind(
    Code.UNKNOWN, "parent commit {parent} belongs to another repo than the new commit's branch {branch}"
)
NO_BRANCH = Kind(Code.UNKNOWN, "branch must be specified")
OUTPUT_BRANCH = Kind(Code.UNKNOWN, "cannot start a commit on an output branch: {branch}")
SECOND_COMMIT = Kind(
    Code.UNKNOWN,
    "inconsistent dependencies: cannot create commit from {parent}; "
    "repo ({name}) already has a commit in this transaction",
)
ALREADY_FINISHED = Kind(Code.UNKNOWN, "commit {commit} has already finished")
OUTPUT_COMMIT = Kind(Code.UNKNOWN, "cannot finish a pipeline output or meta commit, use 'stop job' instead")
COMMIT_NOT_FINISHED = Kind(
    Code.UNAVAILABLE, "commit {commit} not finished", Resource("pfs:commit", "{id}", "commit not finished")
)
CLEAR_FINISHED = Kind(Code.UNKNOWN, "cannot clear finished commit")
COMMIT_DELETED = Kind(Code.UNKNOWN, "commit {commit} was deleted")
BASE_UNFINISHED = Kind(Code.UNKNOWN, "base commit {base} for commit {commit} unfinished")
FROM_WITHOUT_TO = Kind(Code.UNKNOWN, "cannot use `from` commit without `to` commit")
RANGE_OF_OTHER_REPO = Kind(Code.UNKNOWN, "`from` and `to` commits need to be from repo {repo}")
REVERSE_WITH_RANGE = Kind(Code.UNKNOWN, "cannot use 'Reverse' while also using 'From' or 'To'")
FROM_OF_OTHER_REPO = Kind(Code.UNKNOWN, "the `from` commit needs to be from repo {repo}")

# Commit sets.
SET_NOT_FOUND = Kind(Code.NOT_FOUND, "no commits found for commitset {id}")
SET_HAS_SUBVENANCE = Kind(
    Code.UNKNOWN, "commit set {set} cannot be dropped because it has subvenant commit sets: [{subvenance}]"
)
SQUASH_SPEC = Kind(Code.UNKNOWN, "cannot squash commit {commit} because it updated a pipeline")
SQUASH_WITHOUT_CHILDREN = Kind(
    Code.UNKNOWN,
    "cannot squash a commit that has no children as that would cause data loss, use the drop operation instead: "
    "{commit}",
)
DROP_WITH_CHILDREN = Kind(Code.UNKNOWN, "cannot drop a commit that has children: {commit}")
SQUASH_UNFINISHED_CHILD = Kind(Code.UNKNOWN, "cannot squash until child commit {commit} is finished{advice}")

# Transactions.
TRANSACTION_NOT_FOUND = Kind(Code.NOT_FOUND, "transactions {id} not found")
SEVERAL_TRANSACTIONS = Kind(Code.UNKNOWN, "multiple active transactions found in context")
UNKNOWN_TRANSACTION_REQUEST = Kind(Code.UNKNOWN, "unrecognized transaction request type")

# Files.
FIRST_NOT_COMMIT = Kind(Code.UNKNOWN, "first message must be a commit")
SECOND_SET_COMMIT = Kind(Code.UNKNOWN, "cannot set commit")
UNKNOWN_MODIFICATION = Kind(Code.UNKNOWN, "unrecognized message type")
URL_NOT_FETCHED = Kind(Code.UNKNOWN, 'error retrieving content from "{url}": {reason}')
URL_NOT_WRITTEN = Kind(Code.UNKNOWN, 'error writing to "{url}": {reason}')
URL_OF_SERVER_FILE = Kind(Code.UNKNOWN, "{url}: the server's own files can be neither read nor written by URL")
EGRESS_FOLDER = Kind(
    Code.FAILED_PRECONDITION,
    "{url}: egress to a folder needs the leave of the embedded cluster's owner: start it with --egress-folder, "
    "or $HARNESS_EGRESS_FOLDERS, naming that folder or one above it (allowed now: {folders})",
)
STORE_UNKNOWN = Kind(Code.UNKNOWN, "unrecognized object store: {scheme}")
STORE_NOT_SUPPORTED = Kind(
    Code.UNIMPLEMENTED,
    "{url}: the embedded cluster has no access to {scheme}; it has to http(s) and s3",
)
STORE_NOT_INSTALLED = Kind(
    Code.UNIMPLEMENTED,
    "{url}: access to s3 is not installed where the embedded cluster runs: pip install 'pachyderm-harness[s3]'",
)
EGRESS_TO_SQL = Kind(Code.UNIMPLEMENTED, "the embedded cluster writes to no SQL database, only to object storage")
EGRESS_WITHOUT_TARGET = Kind(Code.UNKNOWN, "egress needs a target: object storage")
FILE_NOT_FOUND = Kind(Code.NOT_FOUND, "file {path} not found in repo {repo} at commit {id}")
WALK_NOT_FOUND = Kind(Code.NOT_FOUND, "commit/{id} does not contain item: ({path})")

# File sets that clients make, and the cache.
FILE_SET_NOT_FOUND = Kind(Code.NOT_FOUND, "file set {id} not found: there is none with this id, or its life is over")
FILE_SET_LIFE_SHORT = Kind(Code.UNKNOWN, "ttl ({nanoseconds}) must be at least one second")
FILE_SET_LIFE_LONG = Kind(Code.UNKNOWN, "ttl ({nanoseconds}) exceeds max ttl ({most})")
CACHE_KEY_NOT_FOUND = Kind(Code.NOT_FOUND, "cache key {key} not found")

# Stored contents, paths, globs, reading files.
CONTENT_MISSING = Kind(
    Code.INTERNAL, "stored object {hash} is not in the store; its data directory is damaged or was mixed with another"
)
PACK_DAMAGED = Kind(
    Code.INTERNAL,
    "{pack} of the data directory is damaged: {expected} bytes should lie at offset {offset}, there are {actual}",
)
CHUNK_DAMAGED = Kind(
    Code.INTERNAL,
    "{pack} of the data directory is damaged: the {length} bytes at offset {offset} are not those that were stored",
)
DATABASE_DAMAGED = Kind(Code.INTERNAL, "metadata.db of the data directory is damaged: {finding}")
PACK_UNREADABLE = Kind(
    Code.INTERNAL, "{pack} of the data directory cannot be read: the {length} bytes at offset {offset}: {reason}"
)
CONTENT_DAMAGED = Kind(
    Code.INTERNAL,
    "stored object {hash} of the data directory is damaged: its list of chunks has another hash or length",
)
NODE_DAMAGED = Kind(
    Code.INTERNAL, "file tree node {hash} of the data directory is damaged: its bytes have another hash"
)
PATH_NOT_PRINTABLE = Kind(Code.UNKNOWN, "path ({path}) invalid: only printable ASCII characters allowed")
PATH_GLOBBING = Kind(Code.UNKNOWN, "path ({path}) invalid: globbing character ({character}) not allowed in path")
LONG_PATH = Kind(Code.UNKNOWN, "path ({start}...) invalid: it has {length} characters, {limit} are the most")
PATH_RELATIVE = Kind(Code.UNKNOWN, "path ({path}) invalid: relative file paths are not allowed")
PATH_WITHOUT_NAME = Kind(Code.UNKNOWN, "path ({path}) invalid: a file needs a name")
GLOB_INVALID = Kind(Code.UNKNOWN, "glob ({pattern}) invalid: {reason} at character {position}")
GLOB_TOO_LONG = Kind(Code.UNKNOWN, "glob of {length} characters invalid: the embedded cluster takes at most {limit}")
REVERSE_WITHOUT_NUMBER = Kind(Code.UNKNOWN, "number must be > 0 when reverse is true")
TOO_MANY_FILES = Kind(Code.UNKNOWN, "cannot return more than {limit} files at a time")
NOT_A_FILE = Kind(Code.UNKNOWN, "cannot get directory or non-regular file. Use GetFileTAR instead")
MANY_FILES = Kind(Code.UNKNOWN, "matched multiple files. Use GetFileTAR instead")
