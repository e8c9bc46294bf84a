-- The outbox: what happened, in the transaction in which it happened. A row is deleted when every consumer has seen it.
CREATE TABLE outbox (
	id TEXT NOT NULL PRIMARY KEY,
	topic TEXT NOT NULL,
	subject TEXT NOT NULL,
	shop_id TEXT NOT NULL,
	shopper_id TEXT NOT NULL,
	body TEXT NOT NULL,
	at_us BIGINT NOT NULL
) /*clustered*/;
-- Which consumers of an event have failed so far; after the last try the row is kept as a dead letter for the operator.
CREATE TABLE outbox_failures (
	event_id TEXT NOT NULL,
	consumer TEXT NOT NULL,
	tries BIGINT NOT NULL CHECK (tries > 0),
	next_us BIGINT NOT NULL,
	dead BOOLEAN NOT NULL,
	topic TEXT NOT NULL,
	subject TEXT NOT NULL,
	shop_id TEXT NOT NULL,
	shopper_id TEXT NOT NULL,
	body TEXT NOT NULL,
	at_us BIGINT NOT NULL,
	reason TEXT NOT NULL,
	PRIMARY KEY (event_id, consumer)
) /*clustered*/;
