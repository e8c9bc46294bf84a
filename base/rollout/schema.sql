-- Switches of grey releases. body is the switch as JSON; version guards against two who change it at once.
CREATE TABLE switches (
	name TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
	body TEXT NOT NULL,
	version BIGINT NOT NULL CHECK (version > 0),
	updated_us BIGINT NOT NULL
) /*clustered*/;
