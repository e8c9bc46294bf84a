-- Each time that a shop's security deposit changed: paid in from its bank, above 0, or paid out to it, below 0. ref is the
-- bank's name for what came in, or the request that two people agreed to; it counts once. Append-only.
CREATE TABLE deposit_moves (
	id TEXT NOT NULL PRIMARY KEY,
	shop_id TEXT NOT NULL CHECK (shop_id <> ''),
	currency TEXT NOT NULL,
	amount BIGINT NOT NULL CHECK (amount <> 0),
	ref TEXT NOT NULL CHECK (ref <> ''),
	by_login TEXT NOT NULL,
	at_us BIGINT NOT NULL,
	ledger_seq BIGINT NOT NULL CHECK (ledger_seq > 0),
	UNIQUE (shop_id, ref)
) /*clustered*/;
