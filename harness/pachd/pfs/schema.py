"""The tables of the version store.

Rows are found by key, id, parent or head through an index, so that no operation on one commit reads the others.
Numbers (``pk``) grow in order of creation and are never used again: they order commits and branches, and a commit's
provenance always has smaller numbers than the commit itself. Times are nanoseconds since the epoch.

``commits.root`` is the root of the commit's whole content, NULL while nothing was written and it is not settled.
``commits.base`` is what children start from: the content of the commit where it finished without error, else of its
nearest ancestor that did; NULL while that is not settled.
``commits.size`` is NULL where Pachyderm leaves ``CommitInfo.details`` unset.
``branch_triggers.ticked`` is the time of the last tick, at first that at which the branch's head was started.
``finished_for_triggers`` holds commits that finished and whose triggers are still to be fired: a crash loses none.
``branch_provenance`` holds what CreateBranch was given, ``branch_closure`` its transitive closure.
``transactions`` are those that clients have open; requests and responses are serialized messages.
``file_sets`` are those that clients make, see ``temporary``; ``cache_file_sets`` keeps some of them alive.
"""

DDL = """
CREATE TABLE IF NOT EXISTS projects (
    pk INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    created INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS repos (
    pk INTEGER PRIMARY KEY AUTOINCREMENT,
    project TEXT NOT NULL REFERENCES projects (name),
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    description TEXT NOT NULL,
    created INTEGER NOT NULL,
    UNIQUE (project, name, type)
);
CREATE TABLE IF NOT EXISTS commits (
    pk INTEGER PRIMARY KEY AUTOINCREMENT,
    repo INTEGER NOT NULL REFERENCES repos (pk),
    id TEXT NOT NULL,
    branch TEXT NOT NULL,
    origin TEXT NOT NULL,
    description TEXT NOT NULL,
    parent INTEGER REFERENCES commits (pk),
    started INTEGER NOT NULL,
    finishing INTEGER,
    finished INTEGER,
    error TEXT NOT NULL DEFAULT '',
    root BLOB,
    base BLOB,
    size INTEGER,
    UNIQUE (repo, id)
);
CREATE INDEX IF NOT EXISTS commits_of_repo ON commits (repo, pk);
CREATE INDEX IF NOT EXISTS commits_of_set ON commits (id);
CREATE INDEX IF NOT EXISTS commits_of_parent ON commits (parent);
CREATE TABLE IF NOT EXISTS commit_provenance (
    downstream INTEGER NOT NULL REFERENCES commits (pk) ON DELETE CASCADE,
    upstream INTEGER NOT NULL REFERENCES commits (pk) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    PRIMARY KEY (downstream, upstream)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS commit_subvenance ON commit_provenance (upstream);
CREATE TABLE IF NOT EXISTS branches (
    pk INTEGER PRIMARY KEY AUTOINCREMENT,
    repo INTEGER NOT NULL REFERENCES repos (pk),
    name TEXT NOT NULL,
    head INTEGER NOT NULL REFERENCES commits (pk),
    created INTEGER NOT NULL,
    UNIQUE (repo, name)
);
CREATE INDEX IF NOT EXISTS branches_of_head ON branches (head);
CREATE TABLE IF NOT EXISTS branch_provenance (
    downstream INTEGER NOT NULL REFERENCES branches (pk) ON DELETE CASCADE,
    upstream INTEGER NOT NULL REFERENCES branches (pk) ON DELETE CASCADE,
    PRIMARY KEY (downstream, upstream)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS branch_dependents ON branch_provenance (upstream);
CREATE TABLE IF NOT EXISTS branch_closure (
    downstream INTEGER NOT NULL REFERENCES branches (pk) ON DELETE CASCADE,
    upstream INTEGER NOT NULL REFERENCES branches (pk) ON DELETE CASCADE,
    PRIMARY KEY (downstream, upstream)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS branch_subvenance ON branch_closure (upstream);
CREATE TABLE IF NOT EXISTS transactions (
    pk INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    started INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS transaction_requests (
    pk INTEGER PRIMARY KEY AUTOINCREMENT,
    owner INTEGER NOT NULL REFERENCES transactions (pk) ON DELETE CASCADE,
    request BLOB NOT NULL,
    response BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS requests_of_transaction ON transaction_requests (owner, pk);
CREATE TABLE IF NOT EXISTS branch_triggers (
    branch INTEGER PRIMARY KEY REFERENCES branches (pk) ON DELETE CASCADE,
    source TEXT NOT NULL,
    "all" INTEGER NOT NULL,
    rate_limit_spec TEXT NOT NULL,
    size TEXT NOT NULL,
    commits INTEGER NOT NULL,
    cron_spec TEXT NOT NULL,
    ticked INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS finished_for_triggers (
    "commit" INTEGER PRIMARY KEY REFERENCES commits (pk) ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS file_sets (
    id TEXT PRIMARY KEY,
    content BLOB NOT NULL,
    deletions TEXT NOT NULL,
    replaced BLOB NOT NULL,
    appended BLOB NOT NULL,
    expires INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS file_sets_by_end ON file_sets (expires);
CREATE TABLE IF NOT EXISTS cache (
    pk INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    value BLOB NOT NULL,
    tag TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS cache_file_sets (
    entry INTEGER NOT NULL REFERENCES cache (pk) ON DELETE CASCADE,
    file_set TEXT NOT NULL REFERENCES file_sets (id),
    PRIMARY KEY (entry, file_set)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS cached_file_sets ON cache_file_sets (file_set);
"""
