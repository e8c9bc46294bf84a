-- Privileged changes, oldest first by id. Rows are only ever added.
CREATE TABLE audit_entries (
	id TEXT NOT NULL PRIMARY KEY,
	at_us BIGINT NOT NULL,
	who TEXT NOT NULL CHECK (who <> ''),
	acted_for TEXT NOT NULL,
	shop_id TEXT NOT NULL,
	what TEXT NOT NULL CHECK (what <> ''),
	subject TEXT NOT NULL,
	facts_before TEXT NOT NULL,
	facts_after TEXT NOT NULL,
	request_id TEXT NOT NULL,
	network TEXT NOT NULL
) /*clustered*/;
CREATE INDEX audit_entries_by_shop ON audit_entries (shop_id, id) WHERE shop_id <> '';
CREATE INDEX audit_entries_by_subject ON audit_entries (subject, id) WHERE subject <> '';
