-- One matter of giving something back. request_key names the request that made it, so that it is made once.
CREATE TABLE cases (
	id TEXT NOT NULL PRIMARY KEY,
	order_id TEXT NOT NULL,
	seq BIGINT NOT NULL,
	shop_id TEXT NOT NULL,
	shopper_id TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('opened', 'agreed', 'refunded', 'refused')),
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
	CHECK ((closed_us > 0) = (state IN ('refunded', 'refused')))
) /*clustered*/;
CREATE INDEX cases_by_shop ON cases (shop_id, id);
CREATE INDEX cases_by_shopper ON cases (shopper_id, id);
-- The pieces that a case is about.
CREATE TABLE case_lines (
	case_id TEXT NOT NULL,
	line_no BIGINT NOT NULL,
	units BIGINT NOT NULL CHECK (units > 0),
	amount BIGINT NOT NULL CHECK (amount >= 0),
	PRIMARY KEY (case_id, line_no)
) /*clustered*/;
-- The way that a case took through its states, steps 1, 2, ... without a gap. Append-only.
CREATE TABLE case_steps (
	case_id TEXT NOT NULL,
	step BIGINT NOT NULL,
	from_state TEXT NOT NULL,
	to_state TEXT NOT NULL,
	actor TEXT NOT NULL,
	note TEXT NOT NULL,
	at_us BIGINT NOT NULL,
	PRIMARY KEY (case_id, step)
) /*clustered*/;
