-- Promotions, in versions that are never changed: what an order was priced under can be read for ever. Of one promotion
-- at most one version holds. Shop '' is the market itself.
CREATE TABLE promotions (
	id TEXT NOT NULL,
	version BIGINT NOT NULL CHECK (version > 0),
	shop_id TEXT NOT NULL,
	kind TEXT NOT NULL CHECK (kind <> ''),
	body TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('draft', 'published', 'replaced', 'withdrawn')),
	from_us BIGINT NOT NULL CHECK (from_us >= 0),
	until_us BIGINT NOT NULL CHECK (until_us >= 0),
	budget BIGINT NOT NULL CHECK (budget >= 0),
	drafted_by TEXT NOT NULL CHECK (drafted_by <> ''),
	drafted_us BIGINT NOT NULL,
	published_us BIGINT NOT NULL,
	ended_us BIGINT NOT NULL,
	PRIMARY KEY (id, version),
	CHECK (until_us = 0 OR from_us < until_us),
	CHECK ((state = 'draft') = (published_us = 0)),
	CHECK ((state IN ('replaced', 'withdrawn')) = (ended_us > 0))
) /*clustered*/;
CREATE UNIQUE INDEX promotions_one ON promotions (id) WHERE state = 'published';
CREATE INDEX promotions_by_shop ON promotions (shop_id, id, version);
-- How often what holds has changed: a node that knows the number knows the list.
CREATE TABLE promotion_changes (
	one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
	changes BIGINT NOT NULL CHECK (changes > 0)
) /*clustered*/;
