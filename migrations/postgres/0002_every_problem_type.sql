-- What validators say, what was said in interactive problems, and the points of groups.

ALTER TABLE outputs DROP CONSTRAINT outputs_stream_check;
ALTER TABLE outputs ADD CONSTRAINT outputs_stream_check
    CHECK (stream IN ('stdout', 'stderr', 'judge', 'team', 'interaction'));

-- Groups of tests of scored problems.
CREATE TABLE group_results (
    submission_id uuid NOT NULL REFERENCES submissions (submission_id) ON DELETE CASCADE,
    position integer NOT NULL,                     -- groups within others come first
    name text NOT NULL,
    verdict text NOT NULL,
    score double precision,
    max_score double precision,                    -- absent if there is no most
    PRIMARY KEY (submission_id, position)
);
