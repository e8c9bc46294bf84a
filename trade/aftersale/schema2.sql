-- What a job looks for: cases that their shops have not answered, the oldest first.
CREATE INDEX cases_unanswered ON cases (id) WHERE state = 'opened';
