-- What a merchant gives to groups: steps is [{"size":n,"price":p}, ...]. The terms of a row never change, its state does.
CREATE TABLE group_offers (
	id TEXT NOT NULL PRIMARY KEY,
	shop_id TEXT NOT NULL,
	offer_id TEXT NOT NULL,
	product_id TEXT NOT NULL,
	sku_id TEXT NOT NULL,
	currency TEXT NOT NULL,
	steps TEXT NOT NULL,
	places BIGINT NOT NULL CHECK (places >= 2),
	window_us BIGINT NOT NULL CHECK (window_us > 0),
	per_shopper BIGINT NOT NULL CHECK (per_shopper >= 0),
	stacks BOOLEAN NOT NULL,
	from_us BIGINT NOT NULL,
	until_us BIGINT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('open', 'stopped', 'withdrawn')),
	created_us BIGINT NOT NULL
) /*clustered*/;
-- Goods are offered to groups under one set of terms at a time.
CREATE UNIQUE INDEX group_offers_open ON group_offers (offer_id) WHERE state = 'open';
CREATE INDEX group_offers_in_force ON group_offers (product_id) WHERE state <> 'withdrawn';
CREATE INDEX group_offers_by_shop ON group_offers (shop_id, id);
-- Shoppers who buy together. The row refuses a member too many, and success before there are enough.
CREATE TABLE group_buys (
	id TEXT NOT NULL PRIMARY KEY,
	group_offer_id TEXT NOT NULL,
	shop_id TEXT NOT NULL,
	code TEXT NOT NULL,
	private BOOLEAN NOT NULL,
	leader_id TEXT NOT NULL,
	size BIGINT NOT NULL,
	places BIGINT NOT NULL,
	paid BIGINT NOT NULL CHECK (paid >= 0),
	kept BIGINT NOT NULL CHECK (kept >= 0 AND kept <= paid),
	price BIGINT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('forming', 'formed', 'failed', 'dissolved')),
	why TEXT NOT NULL,
	opened_us BIGINT NOT NULL,
	deadline_us BIGINT NOT NULL,
	closed_us BIGINT NOT NULL,
	CONSTRAINT never_too_many CHECK (paid <= places),
	CONSTRAINT formed_is_full CHECK (state <> 'formed' OR paid >= size)
) /*clustered*/;
CREATE UNIQUE INDEX group_buys_by_code ON group_buys (code);
CREATE INDEX group_buys_forming ON group_buys (deadline_us) WHERE state = 'forming';
CREATE INDEX group_buys_by_offer ON group_buys (group_offer_id, deadline_us);
-- A paid order line in a group; no is its place in the order of payments, 0 for one that was paid back at once.
CREATE TABLE group_members (
	order_id TEXT NOT NULL,
	line_no BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	group_id TEXT NOT NULL,
	group_offer_id TEXT NOT NULL,
	shopper_id TEXT NOT NULL,
	no BIGINT NOT NULL,
	quantity BIGINT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('waiting', 'lowering', 'in', 'refunding', 'refunded', 'left')),
	why TEXT NOT NULL,
	after_formed BOOLEAN NOT NULL,
	paid_us BIGINT NOT NULL,
	left_us BIGINT NOT NULL,
	PRIMARY KEY (order_id, line_no)
) /*clustered*/;
CREATE INDEX group_members_of ON group_members (group_id, no);
CREATE INDEX group_members_by_shopper ON group_members (shopper_id, order_id);
-- Nobody is twice in one group.
CREATE UNIQUE INDEX group_members_once ON group_members (group_id, shopper_id)
	WHERE state IN ('waiting', 'lowering', 'in');
CREATE INDEX group_members_to_settle ON group_members (order_id) WHERE state IN ('lowering', 'refunding');
