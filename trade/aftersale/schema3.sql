-- What a job looks for: cases whose goods have not come back.
CREATE INDEX cases_unsent ON cases (id) WHERE state = 'agreed';
