-- Where a shop's programs listen, and the secrets that messages to them are signed with.
CREATE TABLE webhook_endpoints (
	id TEXT NOT NULL PRIMARY KEY,
	shop_id TEXT NOT NULL CHECK (shop_id <> ''),
	url TEXT NOT NULL CHECK (url <> ''),
	topics TEXT NOT NULL CHECK (topics <> ''),
	switched_on BOOLEAN NOT NULL,
	reason TEXT NOT NULL,
	failing_us BIGINT NOT NULL,
	secret TEXT NOT NULL CHECK (secret <> ''),
	old_secret TEXT NOT NULL,
	old_until_us BIGINT NOT NULL,
	created_us BIGINT NOT NULL,
	CHECK (NOT switched_on OR reason = ''),
	CHECK ((old_secret = '') = (old_until_us = 0))
) /*clustered*/;
CREATE INDEX webhook_endpoints_by_shop ON webhook_endpoints (shop_id, id);
-- Messages, each to one endpoint, once per event and subject.
CREATE TABLE webhook_deliveries (
	id TEXT NOT NULL PRIMARY KEY,
	endpoint_id TEXT NOT NULL CHECK (endpoint_id <> ''),
	shop_id TEXT NOT NULL CHECK (shop_id <> ''),
	event_id TEXT NOT NULL CHECK (event_id <> ''),
	topic TEXT NOT NULL,
	subject TEXT NOT NULL,
	body TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('queued', 'delivered', 'failed')),
	tries BIGINT NOT NULL CHECK (tries >= 0),
	next_us BIGINT NOT NULL,
	status BIGINT NOT NULL,
	reason TEXT NOT NULL,
	excerpt TEXT NOT NULL,
	took_ms BIGINT NOT NULL,
	replays BIGINT NOT NULL CHECK (replays >= 0),
	created_us BIGINT NOT NULL,
	done_us BIGINT NOT NULL,
	CHECK ((state = 'queued') = (done_us = 0))
) /*clustered*/;
CREATE UNIQUE INDEX webhook_deliveries_once ON webhook_deliveries (event_id, subject, topic, endpoint_id);
CREATE INDEX webhook_deliveries_queue ON webhook_deliveries (endpoint_id, next_us, id) WHERE state = 'queued';
CREATE INDEX webhook_deliveries_by_endpoint ON webhook_deliveries (endpoint_id, id);
