-- What a shop owes the operator aside from its sales, by a rule that it agreed to: the penalty for leaving a sale after its
-- lock. Each is one transfer of the books; a statement takes up those between its cuts. Append-only.
CREATE TABLE charges (
	id TEXT NOT NULL PRIMARY KEY,
	shop_id TEXT NOT NULL CHECK (shop_id <> ''),
	currency TEXT NOT NULL,
	amount BIGINT NOT NULL CHECK (amount > 0),
	why TEXT NOT NULL CHECK (why <> ''),
	at_us BIGINT NOT NULL,
	ledger_seq BIGINT NOT NULL CHECK (ledger_seq > 0)
) /*clustered*/;
CREATE INDEX charges_of_shop ON charges (shop_id, currency, ledger_seq);
-- Of what is carried, what was charged in the period; the rest is what the statement before lacked.
ALTER TABLE statements ADD COLUMN charged BIGINT NOT NULL DEFAULT 0 CHECK (charged >= 0 AND charged + carried <= 0);
