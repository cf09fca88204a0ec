"""The tables of pipelines and jobs. Times are nanoseconds since the epoch.

``pipelines`` has a row for each version; ``info`` is its serialized ``pps_v2.PipelineInfo`` without what changes.
``datum_records`` says how each datum that a job executed ended; ``datum_files`` what that adds to the job's meta
commit, inputs left out, until the job's end puts it there. ``datum_sets`` names the tree of all datums of a good job,
skipped ones included. Records and sets outlive their job's row, because later jobs skip by them.
"""

DDL = """
CREATE TABLE IF NOT EXISTS pipelines (
    pk INTEGER PRIMARY KEY AUTOINCREMENT,
    project TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    spec TEXT NOT NULL,
    branch TEXT NOT NULL,
    created INTEGER NOT NULL,
    stopped INTEGER NOT NULL,
    state INTEGER NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    info BLOB NOT NULL,
    UNIQUE (project, name, version)
);
CREATE TABLE IF NOT EXISTS jobs (
    pk INTEGER PRIMARY KEY AUTOINCREMENT,
    project TEXT NOT NULL,
    pipeline TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    branch TEXT NOT NULL,
    state INTEGER NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    created INTEGER NOT NULL,
    started INTEGER,
    finished INTEGER,
    restart INTEGER NOT NULL DEFAULT 0,
    base TEXT,
    total INTEGER NOT NULL DEFAULT 0,
    processed INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    recovered INTEGER NOT NULL DEFAULT 0,
    download_time INTEGER NOT NULL DEFAULT 0,
    process_time INTEGER NOT NULL DEFAULT 0,
    upload_time INTEGER NOT NULL DEFAULT 0,
    download_bytes INTEGER NOT NULL DEFAULT 0,
    upload_bytes INTEGER NOT NULL DEFAULT 0,
    UNIQUE (project, pipeline, id)
);
CREATE INDEX IF NOT EXISTS jobs_of_set ON jobs (id);
CREATE INDEX IF NOT EXISTS jobs_by_time ON jobs (created);
CREATE INDEX IF NOT EXISTS jobs_of_pipeline ON jobs (project, pipeline, created);
CREATE INDEX IF NOT EXISTS jobs_unfinished ON jobs (pk) WHERE finished IS NULL;
CREATE TABLE IF NOT EXISTS datum_records (
    pk INTEGER PRIMARY KEY AUTOINCREMENT,
    project TEXT NOT NULL,
    pipeline TEXT NOT NULL,
    job TEXT NOT NULL,
    datum TEXT NOT NULL,
    hash TEXT NOT NULL,
    state INTEGER NOT NULL,
    reason TEXT NOT NULL,
    meta TEXT NOT NULL,
    UNIQUE (project, pipeline, job, datum)
);
CREATE TABLE IF NOT EXISTS datum_files (
    record INTEGER NOT NULL REFERENCES datum_records (pk) ON DELETE CASCADE,
    path TEXT NOT NULL,
    hash BLOB NOT NULL,
    size INTEGER NOT NULL,
    PRIMARY KEY (record, path)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS datum_sets (
    project TEXT NOT NULL,
    pipeline TEXT NOT NULL,
    job TEXT NOT NULL,
    root BLOB NOT NULL,
    PRIMARY KEY (project, pipeline, job)
) WITHOUT ROWID;
"""
