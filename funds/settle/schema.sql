-- The fee schedule. Rows are never changed: a new rate is a new row with a later start, announced in time (I-P5).
CREATE TABLE fee_rules (
	id TEXT NOT NULL PRIMARY KEY,
	scope TEXT NOT NULL CHECK (scope IN ('market', 'shop', 'category')),
	scope_id TEXT NOT NULL,
	ppm BIGINT NOT NULL CHECK (ppm >= 0 AND ppm <= 1000000),
	from_us BIGINT NOT NULL,
	announced_us BIGINT NOT NULL,
	opening BOOLEAN NOT NULL,
	UNIQUE (scope, scope_id, from_us),
	CHECK ((scope = 'market') = (scope_id = '')),
	CHECK (opening OR from_us - announced_us >= 604800000000)
) /*clustered*/;
-- Who is owed what part of an order's money: one row per party, completed suborder and change. Entry 0 is made when the
-- suborder completes, later entries take back what a refund undoes. Never changed. Freight is a carrier's whole claim,
-- and part of a shop's own when the shop delivers by itself.
CREATE TABLE claims (
	order_id TEXT NOT NULL,
	seq BIGINT NOT NULL CHECK (seq > 0),
	entry BIGINT NOT NULL CHECK (entry >= 0),
	party TEXT NOT NULL,
	shop_id TEXT NOT NULL,
	currency TEXT NOT NULL,
	base BIGINT NOT NULL,
	refunded BIGINT NOT NULL CHECK (refunded >= 0),
	fee BIGINT NOT NULL,
	freight BIGINT NOT NULL,
	net BIGINT NOT NULL,
	at_us BIGINT NOT NULL,
	ledger_seq BIGINT NOT NULL CHECK (ledger_seq > 0),
	PRIMARY KEY (order_id, seq, entry, party),
	CHECK (net = base - fee + freight),
	CHECK (entry > 0 OR (base >= 0 AND fee >= 0 AND fee <= base AND freight >= 0)),
	CHECK (entry = 0 OR (base <= 0 AND fee <= 0 AND fee >= base AND freight <= 0 AND refunded = -base))
) /*clustered*/;
-- A party's claims in the order of the books: a statement is a range of it.
CREATE INDEX claims_party ON claims (party, currency, ledger_seq);
-- Who ever had a claim in a currency: a statement is made for each of them.
CREATE TABLE claim_parties (
	party TEXT NOT NULL,
	currency TEXT NOT NULL,
	PRIMARY KEY (party, currency)
) /*clustered*/;
-- The claims of one suborder and entry down to the order line; line 0 is the freight.
CREATE TABLE claim_lines (
	order_id TEXT NOT NULL,
	seq BIGINT NOT NULL CHECK (seq > 0),
	line_no BIGINT NOT NULL CHECK (line_no >= 0),
	entry BIGINT NOT NULL CHECK (entry >= 0),
	base BIGINT NOT NULL,
	refunded BIGINT NOT NULL CHECK (refunded >= 0),
	fee BIGINT NOT NULL,
	net BIGINT NOT NULL,
	fee_rule_id TEXT NOT NULL,
	fee_ppm BIGINT NOT NULL,
	PRIMARY KEY (order_id, seq, line_no, entry),
	CHECK (net = base - fee),
	CHECK (entry > 0 OR (fee >= 0 AND fee <= base)),
	CHECK (entry = 0 OR (fee <= 0 AND fee >= base AND refunded = -base)),
	CHECK (line_no > 0 OR fee = 0)
) /*clustered*/;
-- What a shop's claims after one cut of the books and up to the next come to. The cuts leave no gap, so every claim
-- is in exactly one statement.
CREATE TABLE statements (
	id TEXT NOT NULL PRIMARY KEY,
	shop_id TEXT NOT NULL,
	currency TEXT NOT NULL,
	from_us BIGINT NOT NULL,
	until_us BIGINT NOT NULL CHECK (until_us > from_us),
	from_seq BIGINT NOT NULL CHECK (from_seq >= 0),
	cut_seq BIGINT NOT NULL CHECK (cut_seq > from_seq),
	claims BIGINT NOT NULL CHECK (claims > 0),
	gross BIGINT NOT NULL,
	refunded BIGINT NOT NULL,
	fees BIGINT NOT NULL,
	freight BIGINT NOT NULL,
	net BIGINT NOT NULL,
	carried BIGINT NOT NULL CHECK (carried <= 0),
	due BIGINT NOT NULL,
	closed_us BIGINT NOT NULL,
	paid_out_us BIGINT NOT NULL,
	UNIQUE (shop_id, currency, from_seq),
	CHECK (net = gross - refunded - fees + freight),
	CHECK (due = net + carried),
	CHECK (paid_out_us = 0 OR due > 0)
) /*clustered*/;
