-- One run of `assay verify` or `assay grade` over some work.
CREATE TABLE batches (
    batch_id TEXT PRIMARY KEY,            -- UUID version 7
    kind TEXT NOT NULL,                   -- verify or grade
    work_key TEXT NOT NULL,               -- hash of what is graded and how; an interrupted batch is found by it
    total INTEGER NOT NULL,               -- submissions
    state TEXT NOT NULL CHECK (state IN ('running', 'finished')),
    created_ms INTEGER NOT NULL,          -- milliseconds since 1970
    finished_ms INTEGER,
    owner TEXT NOT NULL                   -- boot id, process id and start time of the process that grades it
) STRICT;
CREATE INDEX batches_by_key ON batches (work_key, state);

-- The recorded verdict of a submission. It is written once.
CREATE TABLE submissions (
    batch_id TEXT NOT NULL REFERENCES batches (batch_id) ON DELETE CASCADE,
    submission_id TEXT NOT NULL,
    label TEXT NOT NULL,                  -- package and path, or file and line
    language TEXT NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    score REAL,
    cpu_limit_ms INTEGER NOT NULL,
    memory_limit_bytes INTEGER NOT NULL,
    cgroup TEXT NOT NULL,                 -- v1 or v2: which limited memory
    recorded_ms INTEGER NOT NULL,
    report TEXT NOT NULL,                 -- the whole report as JSON, without the outputs
    PRIMARY KEY (batch_id, submission_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX submissions_by_verdict ON submissions (batch_id, verdict);

-- Every attempt, also those that the judge failed and those that came too late.
CREATE TABLE attempts (
    attempt_id INTEGER PRIMARY KEY,
    batch_id TEXT NOT NULL REFERENCES batches (batch_id) ON DELETE CASCADE,
    submission_id TEXT NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    ended_ms INTEGER NOT NULL
) STRICT;
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
    stdout BLOB,                          -- the beginning
    stdout_truncated INTEGER NOT NULL,    -- 1 if the program wrote more than is kept
    stderr BLOB,
    stderr_truncated INTEGER NOT NULL,
    PRIMARY KEY (batch_id, submission_id, position),
    FOREIGN KEY (batch_id, submission_id) REFERENCES submissions (batch_id, submission_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX test_results_by_cpu ON test_results (batch_id, cpu_user_us);
