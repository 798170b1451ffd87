-- A result within the noise of a time limit is of a second run, alone. This is the verdict of the first; null if there was one run.
ALTER TABLE test_results ADD COLUMN first_verdict text;
-- The CPU of each slot; null if slots are not bound to any.
ALTER TABLE workers ADD COLUMN cpus integer[];
