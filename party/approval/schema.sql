-- Changes that take two people. The one who decides is never the one who asked.
CREATE TABLE approvals (
	id TEXT NOT NULL PRIMARY KEY,
	kind TEXT NOT NULL CHECK (kind <> ''),
	shop_id TEXT NOT NULL,
	subject TEXT NOT NULL,
	payload TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('asked', 'approved', 'refused', 'withdrawn', 'expired')),
	asked_by TEXT NOT NULL CHECK (asked_by <> ''),
	decided_by TEXT NOT NULL,
	note TEXT NOT NULL,
	asked_us BIGINT NOT NULL,
	expires_us BIGINT NOT NULL CHECK (expires_us > asked_us),
	decided_us BIGINT NOT NULL,
	CHECK (state NOT IN ('approved', 'refused') OR (decided_by <> '' AND decided_by <> asked_by)),
	CHECK ((state = 'asked') = (decided_us = 0))
) /*clustered*/;
CREATE UNIQUE INDEX approvals_open ON approvals (kind, shop_id, subject) WHERE state = 'asked';
CREATE INDEX approvals_by_shop ON approvals (shop_id, id);
