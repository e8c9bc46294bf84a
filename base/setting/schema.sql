-- What a market decided once and keeps: one value per key. A secret is never kept here in the clear for people to read.
CREATE TABLE settings (
	key TEXT NOT NULL PRIMARY KEY CHECK (key <> ''),
	value TEXT NOT NULL
) /*clustered*/;
