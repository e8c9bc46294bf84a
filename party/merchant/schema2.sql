-- Where a shop's money is paid out to. Holder and number are personal data: sealed with the market's key, and shown
-- masked. A draft is nothing until two people have agreed to it; a shop has one current account.
CREATE TABLE payout_accounts (
	id TEXT NOT NULL PRIMARY KEY,
	shop_id TEXT NOT NULL CHECK (shop_id <> ''),
	bank TEXT NOT NULL CHECK (bank <> ''),
	holder_masked TEXT NOT NULL CHECK (holder_masked <> ''),
	number_tail TEXT NOT NULL CHECK (number_tail <> ''),
	sealed TEXT NOT NULL CHECK (sealed <> ''),
	state TEXT NOT NULL CHECK (state IN ('draft', 'current', 'replaced')),
	created_us BIGINT NOT NULL,
	current_us BIGINT NOT NULL
) /*clustered*/;
CREATE UNIQUE INDEX payout_accounts_current ON payout_accounts (shop_id) WHERE state = 'current';
CREATE INDEX payout_accounts_by_shop ON payout_accounts (shop_id, id);
