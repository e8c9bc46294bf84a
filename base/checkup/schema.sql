-- What audits of the market found, each once. At most one is under way: the guard of Service.begin.
CREATE TABLE checkups (
	id TEXT NOT NULL PRIMARY KEY,
	asked_by TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed')),
	began_us BIGINT NOT NULL,
	ended_us BIGINT NOT NULL,
	ok BOOLEAN NOT NULL,
	checks BIGINT NOT NULL,
	counted BIGINT NOT NULL,
	broken BIGINT NOT NULL,
	body TEXT NOT NULL,
	CHECK ((state = 'running') = (ended_us = 0))
);
