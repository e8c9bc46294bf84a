-- What a charge was taken from: what the market owes the shop, or its security deposit.
ALTER TABLE charges ADD COLUMN source TEXT NOT NULL DEFAULT 'owed' CHECK (source IN ('owed', 'deposit'));
-- A charge that was given back: whole, once, and to where it was taken from. Each is one transfer of the books; a statement
-- takes up those between its cuts that the shop is owed. Append-only.
CREATE TABLE charges_back (
	id TEXT NOT NULL PRIMARY KEY,
	shop_id TEXT NOT NULL CHECK (shop_id <> ''),
	currency TEXT NOT NULL,
	amount BIGINT NOT NULL CHECK (amount > 0),
	source TEXT NOT NULL CHECK (source IN ('owed', 'deposit')),
	why TEXT NOT NULL CHECK (why <> ''),
	at_us BIGINT NOT NULL,
	ledger_seq BIGINT NOT NULL CHECK (ledger_seq > 0)
) /*clustered*/;
CREATE INDEX charges_back_of_shop ON charges_back (shop_id, currency, ledger_seq);
-- A statement says what of earlier charges was given back in its period, and a shop that sold nothing in it has one all the
-- same. A check cannot be changed on both engines, so the table is made anew.
CREATE TABLE statements_anew (
	id TEXT NOT NULL PRIMARY KEY,
	shop_id TEXT NOT NULL,
	currency TEXT NOT NULL,
	from_us BIGINT NOT NULL,
	until_us BIGINT NOT NULL CHECK (until_us > from_us),
	from_seq BIGINT NOT NULL CHECK (from_seq >= 0),
	cut_seq BIGINT NOT NULL CHECK (cut_seq > from_seq),
	claims BIGINT NOT NULL CHECK (claims >= 0),
	gross BIGINT NOT NULL,
	refunded BIGINT NOT NULL,
	fees BIGINT NOT NULL,
	freight BIGINT NOT NULL,
	net BIGINT NOT NULL,
	carried BIGINT NOT NULL,
	due BIGINT NOT NULL,
	closed_us BIGINT NOT NULL,
	paid_out_us BIGINT NOT NULL,
	charged BIGINT NOT NULL DEFAULT 0 CHECK (charged >= 0),
	returned BIGINT NOT NULL DEFAULT 0 CHECK (returned >= 0),
	sent BIGINT NOT NULL DEFAULT 0 CHECK (sent >= 0 AND (sent = 0 OR sent <= due)),
	UNIQUE (shop_id, currency, from_seq),
	CHECK (claims > 0 OR returned > charged),
	CHECK (net = gross - refunded - fees + freight),
	CHECK (due = net + carried),
	CHECK (carried + charged - returned <= 0),
	CHECK (paid_out_us = 0 OR due > 0)
) /*clustered*/;
INSERT INTO statements_anew (id, shop_id, currency, from_us, until_us, from_seq, cut_seq, claims, gross, refunded, fees,
	freight, net, carried, due, closed_us, paid_out_us, charged, sent) SELECT id, shop_id, currency, from_us, until_us,
	from_seq, cut_seq, claims, gross, refunded, fees, freight, net, carried, due, closed_us, paid_out_us, charged, sent
	FROM statements;
DROP TABLE statements;
ALTER TABLE statements_anew RENAME TO statements;
