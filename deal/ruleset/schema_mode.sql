-- What the thresholds of a set are held against: what the lines cost after the unit stages, or what they still owe.
ALTER TABLE rule_sets ADD COLUMN mode TEXT NOT NULL DEFAULT 'parallel' CHECK (mode IN ('parallel', 'progressive'));
