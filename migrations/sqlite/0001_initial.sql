-- The record of one machine: the same tables as in PostgreSQL, as far as one process needs them. Times are milliseconds since
-- 1970. An id is unique in its batch: grading the same file again is another batch.

-- One run of a command over some work.
CREATE TABLE batches (
    batch_id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,                   -- verify or grade
    work_key TEXT NOT NULL,               -- hash of what is graded and how; an interrupted batch is found by it
    tenant TEXT,
    class TEXT NOT NULL DEFAULT 'bulk' CHECK (class IN ('interactive', 'bulk')),
    label TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL CHECK (state IN ('running', 'finished')),
    created_ms INTEGER NOT NULL,
    submitted_ms INTEGER,                 -- when all submissions were known
    finished_ms INTEGER,
    owner TEXT NOT NULL                   -- the process that grades it: boot, PID namespace, process id and start time
) STRICT;
CREATE INDEX batches_by_key ON batches (work_key, state);

-- Identity and outcome of a submission. The outcome is written once.
CREATE TABLE submissions (
    batch_id TEXT NOT NULL REFERENCES batches (batch_id) ON DELETE CASCADE,
    submission_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL DEFAULT 0,
    label TEXT NOT NULL DEFAULT '',       -- package and path, or file and line
    task TEXT,
    language TEXT NOT NULL,
    metadata TEXT NOT NULL DEFAULT '{}',
    content TEXT,                         -- hash of what is to be graded
    state TEXT NOT NULL CHECK (state IN ('new', 'queued', 'graded', 'quarantined')),
    queued_ms INTEGER NOT NULL,
    finished_ms INTEGER,
    attempt_id TEXT,                      -- the attempt that recorded the verdict
    verdict TEXT,
    reason TEXT NOT NULL DEFAULT '',
    score REAL,
    cpu_limit_ms INTEGER,
    memory_limit_bytes INTEGER,
    cgroup TEXT,                          -- v1 or v2: which limited memory
    PRIMARY KEY (batch_id, submission_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX submissions_by_verdict ON submissions (batch_id, verdict);

-- Processes that graded.
CREATE TABLE workers (
    worker_id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    host TEXT NOT NULL,
    slots INTEGER NOT NULL,
    languages TEXT NOT NULL,              -- separated by blanks
    version TEXT NOT NULL,
    started_ms INTEGER NOT NULL,
    heartbeat_ms INTEGER NOT NULL,
    stopped_ms INTEGER
) STRICT;

-- Every time that a process began with a submission.
CREATE TABLE attempts (
    attempt_id TEXT PRIMARY KEY,
    batch_id TEXT NOT NULL,
    submission_id TEXT NOT NULL,
    worker_id TEXT NOT NULL REFERENCES workers (worker_id),
    started_ms INTEGER NOT NULL,
    ended_ms INTEGER,
    outcome TEXT CHECK (outcome IN ('recorded', 'superseded', 'judge_error', 'refused', 'abandoned', 'lost')),
    verdict TEXT,
    reason TEXT NOT NULL DEFAULT '',
    forgiven INTEGER NOT NULL DEFAULT 0,
    FOREIGN KEY (batch_id, submission_id) REFERENCES submissions (batch_id, submission_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_by_submission ON attempts (batch_id, submission_id);

-- One row for each test, and one with position 0 for the compilation.
CREATE TABLE test_results (
    batch_id TEXT NOT NULL,
    submission_id TEXT NOT NULL,
    position INTEGER NOT NULL,            -- 1 is the first test
    test_id TEXT NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    score REAL,
    exit_code INTEGER,
    signal INTEGER,
    cpu_user_us INTEGER,
    cpu_sys_us INTEGER,
    wall_us INTEGER,
    memory_peak_bytes INTEGER,
    oom_kills INTEGER,
    pids_peak INTEGER,
    pids_limit_hits INTEGER,
    stdout_bytes INTEGER,                 -- read from the program, not what is kept
    stderr_bytes INTEGER,
    context_switches INTEGER,
    PRIMARY KEY (batch_id, submission_id, position),
    FOREIGN KEY (batch_id, submission_id) REFERENCES submissions (batch_id, submission_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The beginnings of what programs wrote. Empty outputs have no row.
CREATE TABLE outputs (
    batch_id TEXT NOT NULL,
    submission_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    stream TEXT NOT NULL CHECK (stream IN ('stdout', 'stderr')),
    content BLOB NOT NULL,
    truncated INTEGER NOT NULL,           -- 1 if the program wrote more than is kept
    PRIMARY KEY (batch_id, submission_id, position, stream),
    FOREIGN KEY (batch_id, submission_id, position)
        REFERENCES test_results (batch_id, submission_id, position) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
