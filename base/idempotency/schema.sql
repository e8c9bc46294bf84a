-- What callers' keys led to. A row is "in_flight" from before its call runs until its reply is kept; a call that keeps
-- its reply in its own transaction writes the row "done" at once. Callers' ids rise with time, so the rows of those
-- who are busy now lie together.
CREATE TABLE idempotency_keys (
	principal TEXT NOT NULL CHECK (principal <> ''),
	key TEXT NOT NULL CHECK (key <> ''),
	hash TEXT NOT NULL CHECK (hash <> ''),
	state TEXT NOT NULL CHECK (state IN ('in_flight', 'done')),
	node TEXT NOT NULL,
	status BIGINT NOT NULL,
	content_type TEXT NOT NULL,
	body TEXT NOT NULL,
	at_us BIGINT NOT NULL,
	PRIMARY KEY (principal, key),
	CHECK ((state = 'done') = (status > 0))
) /*clustered*/;
