-- What happened in an hour; shop_id '' is the whole market.
CREATE TABLE tally_hours (
	shop_id TEXT NOT NULL,
	hour_us BIGINT NOT NULL,
	placed BIGINT NOT NULL CHECK (placed >= 0),
	placed_amount BIGINT NOT NULL CHECK (placed_amount >= 0),
	paid BIGINT NOT NULL CHECK (paid >= 0),
	paid_amount BIGINT NOT NULL CHECK (paid_amount >= 0),
	lapsed BIGINT NOT NULL CHECK (lapsed >= 0),
	views BIGINT NOT NULL CHECK (views >= 0),
	PRIMARY KEY (shop_id, hour_us)
) /*clustered*/;
-- The events that were counted, so that one which is told again is not counted again.
CREATE TABLE tally_events (
	event_id TEXT NOT NULL PRIMARY KEY,
	at_us BIGINT NOT NULL
) /*clustered*/;
