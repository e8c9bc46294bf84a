-- The books: one chain per currency, one row per transfer, never changed and never deleted.
CREATE TABLE transfers (
	id TEXT NOT NULL,
	chain TEXT NOT NULL,
	seq BIGINT NOT NULL CHECK (seq > 0),
	at_us BIGINT NOT NULL,
	debit TEXT NOT NULL,
	credit TEXT NOT NULL,
	amount BIGINT NOT NULL CHECK (amount > 0),
	currency TEXT NOT NULL CHECK (currency = chain),
	kind TEXT NOT NULL,
	order_id TEXT NOT NULL,
	line_no BIGINT NOT NULL CHECK (line_no >= 0),
	shop_id TEXT NOT NULL,
	ref TEXT NOT NULL,
	hash TEXT NOT NULL,
	PRIMARY KEY (chain, seq),
	CHECK (debit <> credit),
	CHECK (order_id <> '' OR (debit <> 'escrow' AND credit <> 'escrow'))
) /*clustered*/;
-- All money of one order: the guard of its escrow reads it.
CREATE INDEX transfers_order ON transfers (order_id) WHERE order_id <> '';
-- The last link of each chain. Whoever writes to a chain holds this row until the commit.
CREATE TABLE ledger_heads (
	chain TEXT NOT NULL PRIMARY KEY,
	seq BIGINT NOT NULL CHECK (seq >= 0),
	hash TEXT NOT NULL
) /*clustered*/;
-- The two counters of each account, kept in the transaction of the transfers. An account that must_cover never goes
-- below zero: what it gives away was put in before.
CREATE TABLE ledger_accounts (
	chain TEXT NOT NULL,
	account TEXT NOT NULL,
	debits BIGINT NOT NULL CHECK (debits >= 0),
	credits BIGINT NOT NULL CHECK (credits >= 0),
	must_cover BOOLEAN NOT NULL,
	PRIMARY KEY (chain, account),
	CHECK (NOT must_cover OR credits >= debits)
) /*clustered*/;
