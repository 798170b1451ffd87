-- What validators say, what was said in interactive problems, and the points of groups.

-- SQLite cannot change a CHECK.
CREATE TABLE outputs_new (
    batch_id TEXT NOT NULL,
    submission_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    stream TEXT NOT NULL CHECK (stream IN ('stdout', 'stderr', 'judge', 'team', 'interaction')),
    content BLOB NOT NULL,
    truncated INTEGER NOT NULL,           -- 1 if there was more than is kept
    PRIMARY KEY (batch_id, submission_id, position, stream),
    FOREIGN KEY (batch_id, submission_id, position)
        REFERENCES test_results (batch_id, submission_id, position) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO outputs_new SELECT batch_id, submission_id, position, stream, content, truncated FROM outputs;
DROP TABLE outputs;
ALTER TABLE outputs_new RENAME TO outputs;

-- Groups of tests of scored problems.
CREATE TABLE group_results (
    batch_id TEXT NOT NULL,
    submission_id TEXT NOT NULL,
    position INTEGER NOT NULL,            -- groups within others come first
    name TEXT NOT NULL,
    verdict TEXT NOT NULL,
    score REAL,
    max_score REAL,                       -- absent if there is no most
    PRIMARY KEY (batch_id, submission_id, position),
    FOREIGN KEY (batch_id, submission_id) REFERENCES submissions (batch_id, submission_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
