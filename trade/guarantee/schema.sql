-- Lines whose shoppers get the difference back when the public price falls: what a piece is protected at now, and when
-- the line is looked at next; due_us 0 is a line that is over. The order says whose it is.
CREATE TABLE guarantees (
	order_id TEXT NOT NULL,
	line_no BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	shop_id TEXT NOT NULL,
	product_id TEXT NOT NULL,
	sku_id TEXT NOT NULL,
	offer_id TEXT NOT NULL,
	public_unit BIGINT NOT NULL CHECK (public_unit >= 0),
	own_unit BIGINT NOT NULL CHECK (own_unit >= public_unit),
	claims BIGINT NOT NULL CHECK (claims >= 0),
	given BIGINT NOT NULL CHECK (given >= 0),
	steps BIGINT NOT NULL CHECK (steps >= claims),
	until_us BIGINT NOT NULL,
	due_us BIGINT NOT NULL CHECK (due_us >= 0),
	PRIMARY KEY (order_id, line_no)
) /*clustered*/;
CREATE INDEX guarantees_due ON guarantees (due_us) WHERE due_us > 0;
CREATE INDEX guarantees_of_product ON guarantees (product_id) WHERE due_us > 0;
-- Each time that a line's price had fallen: what it was protected at, what it is now and what made that price, and what
-- was given back; or why nothing was. Append-only.
CREATE TABLE guarantee_claims (
	order_id TEXT NOT NULL,
	line_no BIGINT NOT NULL,
	step BIGINT NOT NULL CHECK (step > 0),
	shop_id TEXT NOT NULL,
	offer_id TEXT NOT NULL,
	price_version BIGINT NOT NULL CHECK (price_version > 0),
	rules BIGINT NOT NULL CHECK (rules >= 0),
	promotions TEXT NOT NULL,
	from_unit BIGINT NOT NULL,
	now_unit BIGINT NOT NULL CHECK (now_unit >= 0 AND now_unit < from_unit),
	each_unit BIGINT NOT NULL CHECK (each_unit >= 0 AND each_unit <= from_unit - now_unit),
	pieces BIGINT NOT NULL CHECK (pieces > 0),
	amount BIGINT NOT NULL CHECK (amount >= 0 AND amount <= each_unit * pieces),
	reason TEXT NOT NULL,
	by_shopper BOOLEAN NOT NULL,
	at_us BIGINT NOT NULL,
	PRIMARY KEY (order_id, line_no, step),
	CHECK ((amount > 0) = (reason = ''))
) /*clustered*/;
