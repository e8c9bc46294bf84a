-- One more state: 'withdrawn', by the shopper, before anybody decided. A check cannot be changed on both engines, so the
-- table is made anew.
CREATE TABLE cases_anew (
	id TEXT NOT NULL PRIMARY KEY,
	order_id TEXT NOT NULL,
	seq BIGINT NOT NULL,
	shop_id TEXT NOT NULL,
	shopper_id TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('opened', 'agreed', 'refunded', 'refused', 'withdrawn')),
	reason TEXT NOT NULL,
	currency TEXT NOT NULL,
	amount BIGINT NOT NULL CHECK (amount >= 0),
	freight BIGINT NOT NULL CHECK (freight >= 0 AND freight <= amount),
	restock BOOLEAN NOT NULL,
	request_key TEXT NOT NULL,
	request_hash TEXT NOT NULL,
	opened_us BIGINT NOT NULL,
	closed_us BIGINT NOT NULL,
	step BIGINT NOT NULL,
	UNIQUE (order_id, request_key),
	CHECK ((closed_us > 0) = (state IN ('refunded', 'refused', 'withdrawn')))
) /*clustered*/;
INSERT INTO cases_anew (id, order_id, seq, shop_id, shopper_id, state, reason, currency, amount, freight, restock,
	request_key, request_hash, opened_us, closed_us, step) SELECT id, order_id, seq, shop_id, shopper_id, state, reason,
	currency, amount, freight, restock, request_key, request_hash, opened_us, closed_us, step FROM cases;
DROP TABLE cases;
ALTER TABLE cases_anew RENAME TO cases;
CREATE INDEX cases_by_shop ON cases (shop_id, id);
CREATE INDEX cases_by_shopper ON cases (shopper_id, id);
CREATE INDEX cases_unanswered ON cases (id) WHERE state = 'opened';
CREATE INDEX cases_unsent ON cases (id) WHERE state = 'agreed';
