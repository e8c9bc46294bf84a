-- A further entry of a claim may also add to it: the rest of an order that is priced again is worth more to some of its
-- shops. A check cannot be changed on both engines, so the tables are made anew.
CREATE TABLE claims_anew (
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
	CHECK (entry = 0 OR (base <= 0 AND fee <= 0 AND fee >= base AND freight <= 0 AND refunded = -base)
		OR (base > 0 AND fee >= 0 AND fee <= base AND freight = 0 AND refunded = 0))
) /*clustered*/;
INSERT INTO claims_anew (order_id, seq, entry, party, shop_id, currency, base, refunded, fee, freight, net, at_us,
	ledger_seq) SELECT order_id, seq, entry, party, shop_id, currency, base, refunded, fee, freight, net, at_us, ledger_seq
	FROM claims;
DROP TABLE claims;
ALTER TABLE claims_anew RENAME TO claims;
-- A party's claims in the order of the books: a statement is a range of it.
CREATE INDEX claims_party ON claims (party, currency, ledger_seq);
CREATE TABLE claim_lines_anew (
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
	what TEXT NOT NULL DEFAULT '' CHECK (what IN ('', 'forfeit', 'default') AND (what = '' OR fee = 0)),
	PRIMARY KEY (order_id, seq, line_no, entry),
	CHECK (net = base - fee),
	CHECK (entry > 0 OR (fee >= 0 AND fee <= base)),
	CHECK (entry = 0 OR (fee <= 0 AND fee >= base AND refunded = -base) OR (base > 0 AND fee >= 0 AND fee <= base
		AND refunded = 0 AND line_no > 0)),
	CHECK (line_no > 0 OR fee = 0)
) /*clustered*/;
INSERT INTO claim_lines_anew (order_id, seq, line_no, entry, base, refunded, fee, net, fee_rule_id, fee_ppm, what)
	SELECT order_id, seq, line_no, entry, base, refunded, fee, net, fee_rule_id, fee_ppm, what FROM claim_lines;
DROP TABLE claim_lines;
ALTER TABLE claim_lines_anew RENAME TO claim_lines;
