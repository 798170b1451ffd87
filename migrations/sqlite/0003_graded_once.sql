-- Where identical submissions of a batch are graded once: the one whose verdict this is.
ALTER TABLE submissions ADD COLUMN same_as TEXT;
