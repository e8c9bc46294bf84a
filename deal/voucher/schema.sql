-- What can be claimed, and whether it can: draft (who made it publishes it), open (shoppers claim and use), paused
-- (nobody does, until somebody opens it again), ended (what was claimed can be used), void (nothing of it counts).
-- minute_us and minute_claims are how many were claimed in the newest minute, for the alarm.
CREATE TABLE voucher_templates (
	id TEXT NOT NULL PRIMARY KEY,
	shop_id TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('draft', 'open', 'paused', 'ended', 'void')),
	version BIGINT NOT NULL CHECK (version >= 0),
	newest BIGINT NOT NULL CHECK (newest >= version),
	minute_us BIGINT NOT NULL,
	minute_claims BIGINT NOT NULL CHECK (minute_claims >= 0),
	made_us BIGINT NOT NULL
) /*clustered*/;
CREATE INDEX voucher_templates_by_shop ON voucher_templates (shop_id, id);
-- The terms of a template, each version written once and never changed. body is JSON.
CREATE TABLE voucher_versions (
	template_id TEXT NOT NULL,
	version BIGINT NOT NULL CHECK (version > 0),
	body TEXT NOT NULL,
	made_by TEXT NOT NULL,
	made_us BIGINT NOT NULL,
	PRIMARY KEY (template_id, version)
) /*clustered*/;
-- One claimed voucher or red packet. Whether it is used, and by which order, its quota says. nth is which of the shopper's of one template it is, so that a claim can be repeated.
CREATE TABLE vouchers (
	id TEXT NOT NULL PRIMARY KEY,
	template_id TEXT NOT NULL,
	version BIGINT NOT NULL CHECK (version > 0),
	shopper_id TEXT NOT NULL,
	nth BIGINT NOT NULL CHECK (nth > 0),
	from_us BIGINT NOT NULL,
	until_us BIGINT NOT NULL CHECK (until_us > from_us),
	claimed_us BIGINT NOT NULL,
	amount BIGINT NOT NULL CHECK (amount >= 0),
	origin TEXT NOT NULL CHECK (origin IN ('centre', 'code', 'grant')),
	given_by TEXT NOT NULL,
	void_us BIGINT NOT NULL,
	UNIQUE (shopper_id, template_id, nth)
) /*clustered*/;
CREATE INDEX vouchers_by_shopper ON vouchers (shopper_id, until_us);
-- Codes that were drawn, by hash: a stolen table opens none. voucher_id is what one was turned into, '' while it waits.
CREATE TABLE voucher_codes (
	hash TEXT NOT NULL PRIMARY KEY,
	template_id TEXT NOT NULL,
	voucher_id TEXT NOT NULL,
	made_us BIGINT NOT NULL
) /*clustered*/;
-- How many codes somebody tried in an hour; who is a shopper or a rough network.
CREATE TABLE voucher_tries (
	who TEXT NOT NULL,
	hour_us BIGINT NOT NULL,
	tries BIGINT NOT NULL CHECK (tries >= 0),
	PRIMARY KEY (who, hour_us)
) /*clustered*/;
