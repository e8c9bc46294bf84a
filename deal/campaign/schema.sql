-- A sale event. Its plan (waves, windows, rules) is data that only this room reads.
CREATE TABLE campaigns (
	id TEXT NOT NULL PRIMARY KEY,
	version BIGINT NOT NULL CHECK (version > 0),
	state TEXT NOT NULL CHECK (state IN ('drafted', 'published', 'cancelled')),
	channel TEXT NOT NULL CHECK (channel IN ('sale', 'daily', 'seckill', 'brand')),
	plan TEXT NOT NULL,
	created_us BIGINT NOT NULL
) /*clustered*/;
-- A shop's offer that takes part, or asked to. From the lock on its price only falls and its pledge only grows.
CREATE TABLE enrolments (
	id TEXT NOT NULL PRIMARY KEY,
	version BIGINT NOT NULL CHECK (version > 0),
	campaign_id TEXT NOT NULL,
	wave BIGINT NOT NULL CHECK (wave >= 0),
	session_us BIGINT NOT NULL,
	shop_id TEXT NOT NULL CHECK (shop_id <> ''),
	product_id TEXT NOT NULL,
	sku_id TEXT NOT NULL,
	offer_id TEXT NOT NULL,
	currency TEXT NOT NULL,
	price BIGINT NOT NULL CHECK (price > 0),
	quantity BIGINT NOT NULL CHECK (quantity > 0),
	per_shopper BIGINT NOT NULL CHECK (per_shopper >= 0),
	presale BOOLEAN NOT NULL,
	spot BOOLEAN NOT NULL,
	earnest BIGINT NOT NULL CHECK (earnest >= 0),
	worth BIGINT NOT NULL CHECK (worth >= 0 AND worth <= price),
	appointments BIGINT NOT NULL CHECK (appointments >= 0),
	lottery BOOLEAN NOT NULL,
	strike BIGINT NOT NULL CHECK (strike >= 0),
	state TEXT NOT NULL CHECK (state IN ('applied', 'accepted', 'refused', 'locked', 'ended', 'withdrawn')),
	reasons TEXT NOT NULL,
	cap BIGINT NOT NULL CHECK (cap >= 0),
	lowest BIGINT NOT NULL CHECK (lowest >= 0),
	lowest_source TEXT NOT NULL,
	note TEXT NOT NULL,
	decided_by TEXT NOT NULL,
	pool_id TEXT NOT NULL,
	penalty BIGINT NOT NULL CHECK (penalty >= 0),
	lock_us BIGINT NOT NULL,
	from_us BIGINT NOT NULL,
	until_us BIGINT NOT NULL CHECK (until_us > from_us),
	applied_us BIGINT NOT NULL,
	decided_us BIGINT NOT NULL,
	CONSTRAINT locked_has_a_pool CHECK (state <> 'locked' OR pool_id <> ''),
	CONSTRAINT sold_somehow CHECK (presale OR spot)
) /*clustered*/;
-- A SKU takes part in a wave or session once.
CREATE UNIQUE INDEX enrolments_open ON enrolments (sku_id, shop_id, campaign_id, wave, session_us)
	WHERE state IN ('applied', 'accepted', 'locked');
CREATE INDEX enrolments_by_shop ON enrolments (shop_id, id);
CREATE INDEX enrolments_by_campaign ON enrolments (campaign_id, id);
CREATE INDEX enrolments_by_state ON enrolments (state, until_us);
-- What the operator knows of a shop that wants to enrol: its score, the security deposit it has paid, violations.
CREATE TABLE shop_standings (
	shop_id TEXT NOT NULL PRIMARY KEY,
	score BIGINT NOT NULL CHECK (score >= 0 AND score <= 500),
	deposit BIGINT NOT NULL CHECK (deposit >= 0),
	violation BOOLEAN NOT NULL,
	at_us BIGINT NOT NULL
) /*clustered*/;
-- Rises with every change that shoppers can feel, so that other nodes look again only when there is something to see.
CREATE TABLE campaign_news (
	one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
	seq BIGINT NOT NULL
) /*clustered*/;
INSERT INTO campaign_news (one, seq) VALUES (1, 1);
