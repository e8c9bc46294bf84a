-- Money that is not of a capture: a shop gives as much of its own on top. It goes to whoever paid the attempt named.
ALTER TABLE refunds ADD COLUMN extra BOOLEAN NOT NULL DEFAULT FALSE CHECK (NOT extra OR case_id <> '');
