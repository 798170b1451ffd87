-- The record of the distributed worker. Times are the database's clock. Nothing here is updated once a verdict is recorded,
-- but for a submission that an operator sends round again (`assay quarantine retry`).

-- What was submitted together.
CREATE TABLE batches (
    batch_id text PRIMARY KEY,
    tenant text,                                   -- whose it is; each tenant of a class gets the same share of the workers
    class text NOT NULL DEFAULT 'bulk' CHECK (class IN ('interactive', 'bulk')),
    label text NOT NULL DEFAULT '',                -- for people: where it came from
    created_at timestamptz NOT NULL DEFAULT now(),
    submitted_at timestamptz                       -- when `assay submit` had sent the last of it; null while it is sending
);

-- Identity and outcome of a submission. The outcome is written once.
CREATE TABLE submissions (
    submission_id uuid PRIMARY KEY,                -- the same id twice is one submission
    batch_id text REFERENCES batches (batch_id) ON DELETE CASCADE,
    ordinal bigint NOT NULL DEFAULT 0,             -- place in the batch
    label text NOT NULL DEFAULT '',                -- for people: file and line
    task text,                                     -- what it tries to solve: samples of one task are compared by pass@k
    language text NOT NULL,
    metadata json NOT NULL DEFAULT '{}',           -- returned as it came, down to the order of its keys
    content text,                                  -- hash of what is to be graded, if `assay submit` sent it
    state text NOT NULL CHECK (state IN (
        'new',                                     -- known here, not yet confirmed by the broker
        'queued',                                  -- in the broker's hands or in a worker's
        'graded',                                  -- has its verdict
        'quarantined')),                           -- put aside, with its reason; the message is in the dead-letter queue
    queued_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,                       -- when it was graded or put aside
    attempt_id uuid,                               -- the attempt that recorded the verdict
    verdict text,                                  -- AC WA TLE ILE MLE OLE RTE CE
    reason text NOT NULL DEFAULT '',               -- why, in a phrase
    score double precision,
    cpu_limit_ms bigint,
    memory_limit_bytes bigint,
    cgroup text                                    -- v1 or v2: which limited memory
);
CREATE INDEX submissions_by_state ON submissions (batch_id, state);
CREATE INDEX submissions_by_verdict ON submissions (batch_id, verdict);
CREATE INDEX submissions_by_task ON submissions (batch_id, task);
CREATE INDEX submissions_in_order ON submissions (batch_id, ordinal, submission_id);
CREATE INDEX submissions_quarantined ON submissions (finished_at) WHERE state = 'quarantined';

-- Worker processes, also those that are gone.
CREATE TABLE workers (
    worker_id uuid PRIMARY KEY,
    owner text NOT NULL,                           -- boot, PID namespace, process id and start time: tells whether it lives
    host text NOT NULL,
    slots integer NOT NULL,
    languages text[] NOT NULL,
    version text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    heartbeat_at timestamptz NOT NULL DEFAULT now(),
    stopped_at timestamptz                         -- when it stopped in order
);

-- Every time that a worker began with a submission.
CREATE TABLE attempts (
    attempt_id uuid PRIMARY KEY,
    submission_id uuid NOT NULL REFERENCES submissions (submission_id) ON DELETE CASCADE,
    worker_id uuid NOT NULL REFERENCES workers (worker_id),
    started_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    outcome text CHECK (outcome IN (
        'recorded',                                -- its verdict is the submission's
        'superseded',                              -- another attempt had recorded a verdict before
        'judge_error',                             -- the judge failed; says nothing about the submission
        'refused',                                 -- it cannot be graded as it is
        'abandoned',                               -- handed back in order
        'lost')),                                  -- its worker ended without a word
    verdict text,                                  -- what this attempt found
    reason text NOT NULL DEFAULT '',
    forgiven boolean NOT NULL DEFAULT false        -- made before an operator sent the submission round again
);
CREATE INDEX attempts_by_submission ON attempts (submission_id);
CREATE INDEX attempts_open ON attempts (worker_id) WHERE ended_at IS NULL;

-- One row for each test, and one with position 0 for the compilation.
CREATE TABLE test_results (
    submission_id uuid NOT NULL REFERENCES submissions (submission_id) ON DELETE CASCADE,
    position integer NOT NULL,                     -- 1 is the first test
    test_id text NOT NULL,
    verdict text NOT NULL,                         -- of this test; SKIPPED if an earlier one decided
    reason text NOT NULL,
    score double precision,
    exit_code integer,
    signal integer,
    cpu_user_us bigint,                            -- CPU time of all processes, from the control group
    cpu_sys_us bigint,
    wall_us bigint,
    memory_peak_bytes bigint,
    oom_kills bigint,
    pids_peak bigint,
    pids_limit_hits bigint,
    stdout_bytes bigint,                           -- read from the program, not what is kept
    stderr_bytes bigint,
    context_switches bigint,
    PRIMARY KEY (submission_id, position)
);
CREATE INDEX test_results_by_cpu ON test_results ((cpu_user_us + cpu_sys_us) DESC NULLS LAST);

-- The beginnings of what programs wrote, apart from the results so that these stay small. Empty outputs have no row.
CREATE TABLE outputs (
    submission_id uuid NOT NULL,
    position integer NOT NULL,
    stream text NOT NULL CHECK (stream IN ('stdout', 'stderr')),
    content bytea NOT NULL,
    truncated boolean NOT NULL,                    -- whether the program wrote more than is kept
    PRIMARY KEY (submission_id, position, stream),
    FOREIGN KEY (submission_id, position) REFERENCES test_results (submission_id, position) ON DELETE CASCADE
);

-- The queues there are: a language's code, a class and perhaps a tenant. Workers take turns over those of their languages.
CREATE TABLE lanes (
    code text NOT NULL,
    class text NOT NULL CHECK (class IN ('interactive', 'bulk')),
    tenant text NOT NULL DEFAULT '',               -- empty: of nobody in particular
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (code, class, tenant)
);

-- pass@k of n samples of which c are right (Chen et al. 2021): 1 - C(n-c, k) / C(n, k).
CREATE FUNCTION pass_at_k(n bigint, c bigint, k bigint) RETURNS double precision LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN n < k THEN NULL WHEN n - c < k THEN 1.0 WHEN c = 0 THEN 0.0
        ELSE 1.0 - exp((SELECT sum(ln((n - c - i)::double precision / (n - i))) FROM generate_series(0, k - 1) AS i)) END
$$;

-- How far each batch is.
CREATE VIEW batch_progress AS
    SELECT b.batch_id, b.tenant, b.class, b.created_at, b.submitted_at,
        count(s.submission_id) AS submissions,
        count(*) FILTER (WHERE s.state = 'graded') AS graded,
        count(*) FILTER (WHERE s.state = 'quarantined') AS quarantined,
        count(*) FILTER (WHERE s.state IN ('new', 'queued')) AS waiting,
        max(s.finished_at) AS last_finished_at
    FROM batches b LEFT JOIN submissions s USING (batch_id) GROUP BY b.batch_id;

-- How many samples of each task there are, and how many of them were accepted.
CREATE VIEW task_counts AS
    SELECT batch_id, task, count(*) AS samples, count(*) FILTER (WHERE verdict = 'AC') AS accepted
    FROM submissions WHERE task IS NOT NULL AND state = 'graded' GROUP BY batch_id, task;
