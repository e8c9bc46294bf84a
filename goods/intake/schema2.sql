-- One import of a shop, kept: what it read, what it did, how far it is. busy_key is the shop's id while the desk's work is
-- under way, so that a shop has one at a time, and the run's own id otherwise.
CREATE TABLE import_runs (
	id TEXT NOT NULL PRIMARY KEY,
	shop_id TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('uploaded', 'checking', 'checked', 'importing', 'done', 'undoing', 'undone',
		'failed', 'dropped')),
	file TEXT NOT NULL,
	size BIGINT NOT NULL CHECK (size >= 0),
	format TEXT NOT NULL,
	mapping TEXT NOT NULL,
	currency TEXT NOT NULL,
	who TEXT NOT NULL,
	read_bytes BIGINT NOT NULL CHECK (read_bytes >= 0),
	products BIGINT NOT NULL CHECK (products >= 0),
	skus BIGINT NOT NULL CHECK (skus >= 0),
	created BIGINT NOT NULL CHECK (created >= 0),
	updated BIGINT NOT NULL CHECK (updated >= 0),
	unchanged BIGINT NOT NULL CHECK (unchanged >= 0),
	rejected BIGINT NOT NULL CHECK (rejected >= 0),
	withdrawn BIGINT NOT NULL CHECK (withdrawn >= 0),
	restored BIGINT NOT NULL CHECK (restored >= 0),
	kept BIGINT NOT NULL CHECK (kept >= 0),
	reason TEXT NOT NULL,
	at_us BIGINT NOT NULL,
	beat_us BIGINT NOT NULL,
	ended_us BIGINT NOT NULL,
	busy_key TEXT NOT NULL UNIQUE,
	CHECK (products = created + updated + unchanged)
) /*clustered*/;
CREATE INDEX import_runs_by_shop ON import_runs (shop_id, id);
-- What a run did to one product. was holds, for one that it updated, all that an undo puts back. Append-only but for
-- undone.
CREATE TABLE import_changes (
	run_id TEXT NOT NULL,
	product_id TEXT NOT NULL,
	shop_id TEXT NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('created', 'updated')),
	was TEXT NOT NULL,
	undone BOOLEAN NOT NULL,
	PRIMARY KEY (run_id, product_id)
) /*clustered*/;
CREATE INDEX import_changes_by_product ON import_changes (product_id, run_id);
-- The rows that a run refused, the first of them only where there are very many.
CREATE TABLE import_rejects (
	run_id TEXT NOT NULL,
	seq BIGINT NOT NULL,
	shop_id TEXT NOT NULL,
	file TEXT NOT NULL,
	line BIGINT NOT NULL,
	code TEXT NOT NULL,
	field TEXT NOT NULL,
	params TEXT NOT NULL,
	PRIMARY KEY (run_id, seq)
) /*clustered*/;
-- How a shop reads CSV files of its own: a mapping of columns under a name.
CREATE TABLE import_mappings (
	shop_id TEXT NOT NULL,
	name TEXT NOT NULL CHECK (name <> ''),
	mapping TEXT NOT NULL,
	at_us BIGINT NOT NULL,
	PRIMARY KEY (shop_id, name)
) /*clustered*/;
